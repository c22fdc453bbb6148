package execlog

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

const mib = 1 << 20

type made struct {
	*Log
	now    int64
	failed []error
	dir    string
}

func newLog(t *testing.T, limit int64, wait time.Duration) *made {
	t.Helper()
	m := &made{now: 1_000, dir: t.TempDir()}
	m.Log = New(Options{
		Path: filepath.Join(m.dir, "1"), Limit: limit, HoldWait: wait,
		Now:    func() int64 { return m.now },
		Failed: func(err error) { m.failed = append(m.failed, err) },
	})
	return m
}

type got struct {
	data    []byte
	streams []byte
	times   []int64
	gaps    [][2]int64
	chunks  int
}

// readAll reads to the end, and fails where the events do not join.
func readAll(t *testing.T, log *Log, from int64, follow bool) got {
	t.Helper()
	var all got
	reader := log.Read(from, follow)
	for at := from; reader.Wait(nil); {
		event, err := reader.Next()
		if err != nil {
			t.Fatal(err)
		}
		if event.From != at || event.To <= at {
			t.Fatalf("an event from %d to %d at %d", event.From, event.To, at)
		}
		at = event.To
		if event.Gap {
			all.gaps = append(all.gaps, [2]int64{event.From, event.To})
			continue
		}
		all.chunks++
		all.data = append(all.data, event.Data...)
		for range event.Data {
			all.streams = append(all.streams, "oe"[event.Stream])
			all.times = append(all.times, event.Time)
		}
	}
	return all
}

func TestEveryOffsetGivesTheSameTail(t *testing.T) {
	log := newLog(t, mib, 0)
	var want, streams []byte
	for i := range 400 {
		line := fmt.Appendf(nil, "line %d\n", i)
		stream := Stream(i % 2)
		log.Append(stream, line)
		log.now += int64(i % 3 * 40)
		want = append(want, line...)
		streams = append(streams, bytes.Repeat([]byte{"oe"[stream]}, len(line))...)
	}
	log.EndCommand()
	log.End()
	whole := readAll(t, log.Log, 0, true)
	for from := 0; from <= len(want); from += 7 {
		tail := readAll(t, log.Log, int64(from), true)
		if !bytes.Equal(tail.data, want[from:]) || !bytes.Equal(tail.streams, streams[from:]) {
			t.Fatalf("the tail from %d differs", from)
		}
		for i, time := range tail.times {
			if time != whole.times[from+i] {
				t.Fatalf("the time of byte %d is %d, and was %d", from+i, time, whole.times[from+i])
			}
		}
	}
}

func TestSingleBytesTakeLittleMemory(t *testing.T) {
	log := newLog(t, mib, 0)
	for i := range 80_000 {
		log.Append(Stream(i%2), []byte{byte('a' + i%2)})
	}
	log.EndCommand()
	kept := 0
	for _, s := range log.segments {
		kept += len(s.known())
	}
	if len(log.segments) < 2 || kept > 2*maxIndexBytes {
		t.Fatalf("%d segments keep %d bytes of index in memory", len(log.segments), kept)
	}
	all := readAll(t, log.Log, 0, true)
	if !bytes.Equal(all.data, bytes.Repeat([]byte("ab"), 40_000)) || all.chunks != 80_000 {
		t.Fatalf("%d bytes in %d chunks came back", len(all.data), all.chunks)
	}
}

func TestAFullLogDropsTheOldest(t *testing.T) {
	log := newLog(t, mib, 0)
	for range 100 {
		log.Append(Stdout, bytes.Repeat([]byte("x"), 50_000))
	}
	state := log.State()
	if kept := state.Next - state.First; kept < mib || kept > mib+mib/16 {
		t.Errorf("%d bytes are kept", kept)
	}
	if state.MissingFrom != 0 {
		t.Errorf("missing from %d", state.MissingFrom)
	}
	log.End()
	all := readAll(t, log.Log, 10, true)
	if len(all.gaps) != 1 || all.gaps[0] != [2]int64{10, state.First} || int64(len(all.data)) != state.Next-state.First {
		t.Errorf("gaps %v, %d bytes", all.gaps, len(all.data))
	}
	files, _ := os.ReadDir(log.dir)
	if len(files) > 18 {
		t.Errorf("%d files are left", len(files))
	}
	log.Remove()
	if files, _ = os.ReadDir(log.dir); len(files) != 0 {
		t.Errorf("%v are left", files)
	}
	if all = readAll(t, log.Log, 0, true); len(all.gaps) != 1 || all.gaps[0][1] != state.Next {
		t.Errorf("gaps %v", all.gaps)
	}
}

func TestAFollowerGetsAllAndEndsWithTheCommand(t *testing.T) {
	log := newLog(t, 64*mib, 0)
	var group sync.WaitGroup
	for range 4 {
		group.Add(1)
		go func() {
			defer group.Done()
			if all := readAll(t, log.Log, 0, true); len(all.data) != 5_000_000 {
				t.Errorf("%d bytes", len(all.data))
			}
		}()
	}
	for range 100 {
		log.Append(Stdout, make([]byte, 50_000))
	}
	log.EndCommand()
	group.Wait()
	log.Append(Stderr, []byte("left behind"))
	log.End()
	if all := readAll(t, log.Log, 5_000_000, true); string(all.data) != "left behind" {
		t.Errorf("%q", all.data)
	}
}

func TestTimes(t *testing.T) {
	log := newLog(t, mib, 0)
	log.Append(Stdout, []byte("one "))
	log.now += 50
	log.Append(Stdout, []byte("same "))
	log.now += 1
	log.Append(Stdout, []byte("two "))
	log.now -= 10_000
	log.Append(Stdout, []byte("back "))
	log.seal(log.last())
	log.Append(Stdout, []byte("new "))
	log.End()
	all := readAll(t, log.Log, 0, true)
	if all.times[4] != 1_000 || all.times[9] != 1_051 || all.times[13] != 1_051 || all.times[18] != 1_051 {
		t.Errorf("times %v", all.times)
	}
	for time, want := range map[int64]int64{0: 0, 1_000: 0, 1_001: 9, 1_051: 9, 1_052: 22, 1 << 40: 22} {
		if at, err := log.OffsetAt(time); err != nil || at != want {
			t.Errorf("the output of %d begins at %d (%v), and not %d", time, at, err, want)
		}
	}
}

func TestOutputThatTheDiskRefusesIsAGap(t *testing.T) {
	log := newLog(t, mib, 0)
	log.Append(Stdout, []byte("kept"))
	log.seal(log.last())
	if err := os.Rename(log.dir, log.dir+"-away"); err != nil {
		t.Fatal(err)
	}
	log.Append(Stdout, []byte("lost"))
	if err := os.Rename(log.dir+"-away", log.dir); err != nil {
		t.Fatal(err)
	}
	log.Append(Stdout, []byte("again"))
	log.End()
	all := readAll(t, log.Log, 0, true)
	if string(all.data) != "keptagain" || len(all.gaps) != 1 || all.gaps[0] != [2]int64{4, 8} {
		t.Errorf("%q, %v", all.data, all.gaps)
	}
	if len(log.failed) != 1 || log.State().MissingFrom != 4 {
		t.Errorf("%v, missing from %d", log.failed, log.State().MissingFrom)
	}
}

func TestAHeldLogWaitsForItsReader(t *testing.T) {
	log := newLog(t, mib, time.Hour)
	fill := func() {
		for !log.Waits() {
			log.Append(Stdout, make([]byte, 64<<10))
		}
	}
	fill()
	if log.State().Next != mib {
		t.Fatalf("it waits at %d", log.State().Next)
	}
	if log.Hold("late", 1) != nil {
		t.Fatal("a reader that does not begin at the first byte holds")
	}
	first := log.Hold("first", 0)
	if first == nil || log.Hold("second", 0) != nil {
		t.Fatal("the first reader holds, and no other one")
	}
	relieved := make(chan struct{})
	go func() {
		log.Relieved(nil)
		close(relieved)
	}()
	first.Sent(mib / 2)
	<-relieved
	fill()
	if log.State().Next != mib*3/2 {
		t.Fatalf("it waits at %d", log.State().Next)
	}
	first.End()
	again := log.Hold("first", mib/2)
	if again == nil {
		t.Fatal("it can't come back")
	}
	// What an earlier reading has sent since means nothing.
	first.Sent(mib * 3 / 2)
	if !log.Waits() || log.State().MissingFrom != -1 {
		t.Fatal("it does not wait any more")
	}
}

func TestWhatWasSentIsKeptForAWhile(t *testing.T) {
	log := newLog(t, mib, time.Hour)
	reading := log.Hold("r", 0)
	for range 40 {
		log.Append(Stdout, make([]byte, mib))
		reading.Sent(log.State().Next)
	}
	if first := log.State().First; first < 4*mib || first > 8*mib {
		t.Errorf("it is kept from %d", first)
	}
	if log.State().MissingFrom != -1 {
		t.Errorf("missing from %d", log.State().MissingFrom)
	}
}

func TestAHoldEndsWithoutItsReader(t *testing.T) {
	log := newLog(t, mib, 20*time.Millisecond)
	log.Append(Stdout, make([]byte, 2*mib))
	if !log.Waits() {
		t.Fatal("it does not wait")
	}
	log.Relieved(nil)
	if log.Hold("late", 0) != nil {
		t.Fatal("it is held again")
	}
	if log.State().MissingFrom != 0 {
		t.Errorf("missing from %d", log.State().MissingFrom)
	}
}

func TestWaitingEndsWithItsStop(t *testing.T) {
	log := newLog(t, mib, time.Hour)
	stop := make(chan struct{})
	close(stop)
	if log.Read(0, true).Wait(stop) {
		t.Error("there is an event")
	}
	log.Append(Stdout, make([]byte, mib))
	log.Relieved(stop)
}
