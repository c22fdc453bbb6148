package execlog

import (
	"io"
	"math"
	"os"
	"sort"

	"onmemos.dev/agent/internal/bounds"
)

// Event is a chunk of output, or a gap where bytes were dropped.
type Event struct {
	Gap bool
	// From is the offset of its first byte, To the one behind its last.
	From, To int64
	Stream   Stream
	Time     int64
	Data     []byte
}

// Reader replays a log and then follows it to where its command ended. Of a command that has ended it gives all that is
// there, also what came later. Its memory is one block of data and one index, whatever the log's size.
type Reader struct {
	log *Log
	pos int64
	// until is where it ends; negative while that is not known.
	until   int64
	segment *segment
	cursor  *cursor
	loaded  []byte
	block   []byte
	// blockAt is the offset in the log of the block's first byte.
	blockAt int64
}

// Read begins to read. Without `follow` it ends where the log ends now.
func (l *Log) Read(from int64, follow bool) *Reader {
	l.mu.Lock()
	defer l.mu.Unlock()
	reader := &Reader{log: l, pos: from, until: -1}
	if !follow || l.endOffset >= 0 {
		reader.until = l.next
	}
	return reader
}

func (r *Reader) end() int64 {
	switch {
	case r.until >= 0:
		return r.until
	case r.log.endOffset >= 0:
		return r.log.endOffset
	}
	return math.MaxInt64
}

// Wait waits for the next event. It returns false where there is no further one, or `stop` is closed.
func (r *Reader) Wait(stop <-chan struct{}) bool {
	for {
		r.log.mu.Lock()
		if r.pos >= r.end() {
			r.log.mu.Unlock()
			return false
		}
		if r.pos < r.log.next {
			r.log.mu.Unlock()
			return true
		}
		if r.log.changed == nil {
			r.log.changed = make(chan struct{})
		}
		changed := r.log.changed
		r.log.mu.Unlock()
		// A follower that waits holds no block.
		r.Release()
		select {
		case <-changed:
		case <-stop:
			return false
		}
	}
}

// Release lets go of the memory that only makes reading on faster.
func (r *Reader) Release() { r.block = nil }

// Next returns the next event. Wait has said that there is one.
func (r *Reader) Next() (Event, error) {
	for {
		event, again, err := r.next()
		if err != nil {
			return Event{}, err
		}
		if !again {
			r.pos = event.To
			return event, nil
		}
	}
}

// next tries once. It is to be tried again where the segment was dropped meanwhile.
func (r *Reader) next() (event Event, again bool, err error) {
	l := r.log
	l.mu.Lock()
	until := r.end()
	found := l.segmentAt(r.pos)
	if found == nil || found.start > r.pos {
		to := l.next
		if found != nil {
			to = found.start
		}
		l.mu.Unlock()
		return Event{Gap: true, From: r.pos, To: min(to, until)}, false, nil
	}
	if found != r.segment {
		r.segment, r.cursor, r.loaded, r.block = found, newCursor(found.first), nil, nil
	}
	index, end := found.known(), min(found.end, until)
	l.mu.Unlock()

	if index == nil {
		if r.loaded == nil {
			if r.loaded, err = os.ReadFile(found.sidecar()); err != nil {
				return Event{}, true, r.unlessDropped(found, err)
			}
		}
		index = r.loaded
	}
	at := r.cursor.seek(index, r.pos-found.start)
	if at.end >= 0 {
		end = min(end, found.start+at.end)
	}
	end = min(end, r.pos+bounds.MaxChunkBytes)
	if r.pos < r.blockAt || r.pos >= r.blockAt+int64(len(r.block)) {
		if err := r.load(found, min(r.segmentEnd(found), until)); err != nil {
			return Event{}, true, r.unlessDropped(found, err)
		}
	}
	data := r.block[r.pos-r.blockAt:]
	data = data[:min(int64(len(data)), end-r.pos)]
	return Event{From: r.pos, To: r.pos + int64(len(data)), Stream: at.stream, Time: at.time, Data: data}, false, nil
}

func (r *Reader) segmentEnd(s *segment) int64 {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	return s.end
}

// load reads a block from the position on. The file is open only meanwhile: a slow reader holds no descriptor.
func (r *Reader) load(s *segment, end int64) error {
	file, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer file.Close()
	size := min(end-r.pos, bounds.MaxChunkBytes)
	if int64(cap(r.block)) < size {
		r.block = make([]byte, size)
	}
	r.block = r.block[:size]
	r.blockAt = r.pos
	if _, err := file.ReadAt(r.block, r.pos-s.start); err != nil {
		r.block = r.block[:0]
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		return err
	}
	return nil
}

// unlessDropped returns the error of a segment that is still kept.
func (r *Reader) unlessDropped(s *segment, err error) error {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	if r.log.segmentAt(s.start) == s {
		return err
	}
	r.segment = nil
	return nil
}

// OffsetAt returns the end of the kept output that was read before the time; 0 where none of it was. A reader that
// begins there gets all that was read from then on, and a gap where such bytes may have been dropped.
func (l *Log) OffsetAt(time int64) (int64, error) {
	for {
		l.mu.Lock()
		i := sort.Search(len(l.segments), func(i int) bool { return l.segments[i].first.time >= time })
		if i == 0 {
			l.mu.Unlock()
			return 0, nil
		}
		found := l.segments[i-1]
		index, end := found.known(), found.end
		l.mu.Unlock()
		if index == nil {
			var err error
			if index, err = os.ReadFile(found.sidecar()); err != nil {
				l.mu.Lock()
				kept := l.segmentAt(found.start) == found
				l.mu.Unlock()
				if kept {
					return 0, err
				}
				// It was dropped meanwhile; another one is the first that is kept now.
				continue
			}
		}
		if begin := beginOf(time, index, found.first); begin >= 0 {
			return found.start + begin, nil
		}
		return end, nil
	}
}
