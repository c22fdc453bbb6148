// Package execlog keeps the output of one command on disk, in the order in which it was read.
package execlog

import (
	"encoding/binary"

	"onmemos.dev/agent/internal/bounds"
)

// Stream is one of the two streams of a log.
type Stream uint8

// The streams. With one pipe or a terminal everything is Stdout.
const (
	Stdout Stream = 0
	Stderr Stream = 1
)

func (s Stream) String() string {
	if s == Stderr {
		return "stderr"
	}
	return "stdout"
}

// Bits of a closed run below its length: the next run is of the same stream; the next run begins later.
const (
	sameStream = 1
	later      = 2
	runBits    = 4
)

// maxRunBytes is the most that a closed run takes in the index: its length, and the time of the next one.
const maxRunBytes = 2 * binary.MaxVarintLen64

// runStart says where a run begins: its stream, and when its first byte was read, in milliseconds since the epoch.
type runStart struct {
	stream Stream
	time   int64
}

// runs says which bytes of a segment came from which stream, and when they were read. A run is a stretch of bytes of
// one stream that were read within OUTPUT_TIME_MS. Each closed run is kept as a variable-length integer: its length
// and two bits on the run behind it. Where that begins later, the milliseconds between the two begins follow. Runs of
// single bytes that were read at once take a byte each.
type runs struct {
	first   runStart
	current runStart
	open    int64
	encoded []byte
}

func newRuns(first runStart) *runs { return &runs{first: first, current: first} }

func (r *runs) add(stream Stream, length, time int64) {
	if stream != r.current.stream || time-r.current.time > bounds.OutputTimeMS {
		r.close(stream == r.current.stream, time-r.current.time)
		r.current = runStart{stream, time}
		r.open = 0
	}
	r.open += length
}

func (r *runs) close(same bool, after int64) {
	value := uint64(r.open) * runBits
	if same {
		value |= sameStream
	}
	if after > 0 {
		value |= later
	}
	r.encoded = binary.AppendUvarint(r.encoded, value)
	if after > 0 {
		r.encoded = binary.AppendUvarint(r.encoded, uint64(after))
	}
}

// run is a stretch of a segment; its end is negative where it is the last one so far.
type run struct {
	runStart
	end int64
}

// cursor walks the runs of a segment forwards. Offsets are relative to the segment's start.
type cursor struct {
	at      int
	current run
	start   int64
	next    runStart
}

func newCursor(first runStart) *cursor {
	return &cursor{current: run{first, -1}, next: first}
}

// seek returns the run that holds the offset, which never goes back between calls. `encoded` may have grown since.
func (c *cursor) seek(encoded []byte, offset int64) run {
	for {
		if c.current.end < 0 && c.at < len(encoded) {
			c.read(encoded)
		}
		if c.current.end < 0 || offset < c.current.end {
			return c.current
		}
		c.start = c.current.end
		c.current = run{c.next, -1}
	}
}

func (c *cursor) read(encoded []byte) {
	head := c.take(encoded)
	c.next = c.current.runStart
	if head&sameStream == 0 {
		c.next.stream ^= 1
	}
	if head&later != 0 {
		c.next.time += int64(c.take(encoded))
	}
	c.current.end = c.start + int64(head/runBits)
}

func (c *cursor) take(encoded []byte) uint64 {
	value, bytes := binary.Uvarint(encoded[c.at:])
	c.at += max(bytes, 1)
	return value
}

// beginOf returns where the first run begins that is not before the time; negative where all are before it.
func beginOf(time int64, encoded []byte, first runStart) int64 {
	c := newCursor(first)
	for at := int64(0); ; {
		found := c.seek(encoded, at)
		if found.time >= time {
			return at
		}
		if found.end < 0 {
			return -1
		}
		at = found.end
	}
}
