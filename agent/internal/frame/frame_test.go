package frame

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"reflect"
	"testing"
	"testing/iotest"
)

type vectors struct {
	Frames []struct {
		Name  string
		Bytes string
		Frame struct {
			Type   Type
			Header Header
			Data   string
		}
	}
	Skipped, Refused []struct{ Name, Bytes string }
}

func readVectors(t testing.TB) vectors {
	t.Helper()
	text, err := os.ReadFile("../../../test/vectors/protocol.json")
	if err != nil {
		t.Fatal(err)
	}
	var all vectors
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Frames) < 10 || len(all.Skipped) < 2 || len(all.Refused) < 5 {
		t.Fatal("the vectors lack some")
	}
	return all
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	decoded, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// decode returns the frames of the bytes and the error after them, which is nil at a plain end.
func decode(from io.Reader) ([]Frame, error) {
	reader := NewReader(from)
	var frames []Frame
	for {
		frame, err := reader.Next()
		if err == io.EOF {
			return frames, nil
		}
		if err != nil {
			return frames, err
		}
		frames = append(frames, frame)
	}
}

func TestFramesOfTheVectors(t *testing.T) {
	for _, vector := range readVectors(t).Frames {
		t.Run(vector.Name, func(t *testing.T) {
			want := vector.Frame
			encoded, err := Encode(want.Type, want.Header, unhex(t, want.Data))
			if err != nil {
				t.Fatal(err)
			}
			// A header may be written in another order, so it is compared decoded; its size is the same.
			if len(encoded) != len(vector.Bytes)/2 {
				t.Errorf("%d bytes are encoded, and not %d", len(encoded), len(vector.Bytes)/2)
			}
			for name, bytes_ := range map[string][]byte{"encoded here": encoded, "of the vector": unhex(t, vector.Bytes)} {
				frames, err := decode(iotest.OneByteReader(bytes.NewReader(bytes_)))
				if err != nil || len(frames) != 1 {
					t.Fatalf("%s: %d frames, %v", name, len(frames), err)
				}
				got := frames[0]
				if got.Type != want.Type || !reflect.DeepEqual(got.Header, want.Header) ||
					hex.EncodeToString(got.Data) != want.Data || got.Size != len(bytes_) {
					t.Errorf("%s: decoded as %+v", name, got)
				}
			}
		})
	}
}

func TestFramesThatArePassedOver(t *testing.T) {
	ping := unhex(t, readVectors(t).Frames[0].Bytes)
	for _, vector := range readVectors(t).Skipped {
		frames, err := decode(bytes.NewReader(append(unhex(t, vector.Bytes), ping...)))
		if err != nil || len(frames) != 1 || frames[0].Type != Hello {
			t.Errorf("%s: %v, %v", vector.Name, frames, err)
		}
	}
}

func TestFramesThatAreRefused(t *testing.T) {
	all := readVectors(t).Refused
	all = append(all, struct{ Name, Bytes string }{"a header that is null", "0000000901000000046e756c6c"})
	for _, vector := range all {
		frames, err := decode(bytes.NewReader(unhex(t, vector.Bytes)))
		if len(frames) > 0 || !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %v, %v", vector.Name, frames, err)
		}
	}
}

func TestNothingLargerThanItsBoundIsEncoded(t *testing.T) {
	if _, err := Encode(Chunk, Header{"ch": 1}, make([]byte, 1<<20+1)); !errors.Is(err, ErrProtocol) {
		t.Error(err)
	}
	if _, err := Encode(OK, Header{"result": string(make([]byte, 1<<20))}, nil); !errors.Is(err, ErrProtocol) {
		t.Error(err)
	}
}

// Whatever comes, and however it is cut: no panic, the same frames, and frames that can be sent again.
func FuzzDecoder(f *testing.F) {
	all := readVectors(f)
	for _, vector := range all.Frames {
		f.Add(unhex(f, vector.Bytes))
	}
	for _, vector := range append(all.Skipped, all.Refused...) {
		f.Add(unhex(f, vector.Bytes))
	}
	f.Fuzz(func(t *testing.T, given []byte) {
		frames, err := decode(bytes.NewReader(given))
		cut, cutErr := decode(iotest.OneByteReader(bytes.NewReader(given)))
		if !reflect.DeepEqual(frames, cut) || (err == nil) != (cutErr == nil) {
			t.Fatalf("whole: %v, %v; cut: %v, %v", frames, err, cut, cutErr)
		}
		for _, frame := range frames {
			encoded, err := Encode(frame.Type, frame.Header, frame.Data)
			if errors.Is(err, ErrProtocol) {
				// Text that is no UTF-8 takes more bytes once it is mended.
				continue
			}
			again, err := decode(bytes.NewReader(encoded))
			if err != nil || len(again) != 1 || !reflect.DeepEqual(again[0].Header, frame.Header) ||
				!bytes.Equal(again[0].Data, frame.Data) {
				t.Fatalf("%v became %v, %v", frame, again, err)
			}
		}
	})
}
