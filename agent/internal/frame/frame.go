// Package frame reads and writes the frames of docs/protocol.md over any stream of bytes.
package frame

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"onmemos.dev/agent/internal/bounds"
)

// Type says what a frame means.
type Type uint8

// The types of version 1.
const (
	Hello    Type = 1
	Call     Type = 2
	OK       Type = 3
	Error    Type = 4
	Cancel   Type = 5
	Credit   Type = 6
	Chunk    Type = 7
	Gap      Type = 8
	Exit     Type = 9
	Stdin    Type = 10
	Signal   Type = 11
	Resize   Type = 12
	Accepted Type = 13
)

func (t Type) known() bool { return t >= Hello && t <= Accepted }

// Header is the JSON object of a frame, as encoding/json decodes it.
type Header map[string]any

// Frame is one frame as it was received.
type Frame struct {
	Type   Type
	Header Header
	Data   []byte
	// Size is how many bytes the whole frame takes.
	Size int
}

// ErrProtocol says that the other side does not speak this protocol, so that the connection has to end.
var ErrProtocol = errors.New("not the exec protocol")

func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrProtocol, fmt.Sprintf(format, args...))
}

// Reader takes frames from a stream. The largest frame bounds its memory.
type Reader struct {
	from *bufio.Reader
}

// NewReader reads from this stream, ahead of the frames that it returns.
func NewReader(from io.Reader) *Reader {
	return &Reader{bufio.NewReaderSize(from, 4096)}
}

// Next returns the next frame of a known type. Its error is io.EOF where the stream ended between two frames.
func (r *Reader) Next() (Frame, error) {
	for {
		var prefix [bounds.PrefixBytes]byte
		if _, err := io.ReadFull(r.from, prefix[:]); err != nil {
			return Frame{}, err
		}
		length := int64(binary.BigEndian.Uint32(prefix[:]))
		kind := Type(prefix[4])
		headerBytes := int64(binary.BigEndian.Uint32(prefix[5:]))
		dataBytes := length - (bounds.PrefixBytes - 4) - headerBytes
		if headerBytes > bounds.MaxHeaderBytes || dataBytes < 0 || dataBytes > bounds.MaxDataBytes {
			return Frame{}, refused("a frame of %d bytes with a header of %d is out of bounds", length, headerBytes)
		}
		if !kind.known() {
			if _, err := io.CopyN(io.Discard, r.from, headerBytes+dataBytes); err != nil {
				return Frame{}, unexpected(err)
			}
			continue
		}
		rest := make([]byte, headerBytes+dataBytes)
		if _, err := io.ReadFull(r.from, rest); err != nil {
			return Frame{}, unexpected(err)
		}
		header, err := parseHeader(rest[:headerBytes])
		if err != nil {
			return Frame{}, err
		}
		return Frame{Type: kind, Header: header, Data: rest[headerBytes:], Size: int(length) + 4}, nil
	}
}

// unexpected is the error of a stream that ended within a frame.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func parseHeader(text []byte) (Header, error) {
	var header Header
	if err := json.Unmarshal(text, &header); err != nil {
		return nil, refused("a header is no JSON object")
	}
	// The text null leaves the map as it was.
	if header == nil {
		return nil, refused("a header is null")
	}
	return header, nil
}

// Encode writes a frame into one slice. The header is any value that encoding/json makes an object of.
func Encode(kind Type, header any, data []byte) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(header); err != nil {
		return nil, err
	}
	// The encoder ends each value with a newline.
	json := text.Bytes()[:text.Len()-1]
	if len(json) > bounds.MaxHeaderBytes {
		return nil, refused("a header of %d bytes is too large", len(json))
	}
	if len(data) > bounds.MaxDataBytes {
		return nil, refused("%d bytes are too much for one frame", len(data))
	}
	made := AppendPrefix(make([]byte, 0, bounds.PrefixBytes+len(json)+len(data)), kind, len(json), len(data))
	return append(append(made, json...), data...), nil
}

// AppendPrefix appends what comes before a header of so many bytes.
func AppendPrefix(to []byte, kind Type, headerBytes, dataBytes int) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(bounds.PrefixBytes-4+headerBytes+dataBytes))
	to = append(to, byte(kind))
	return binary.BigEndian.AppendUint32(to, uint32(headerBytes))
}
