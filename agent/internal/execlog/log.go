package execlog

import (
	"fmt"
	"sort"
	"sync"
	"time"
)

const (
	maxSegmentBytes = 4 << 20
	minSegmentBytes = 64 << 10
	// A segment whose index grows to this is sealed early: neither an alternation of single bytes nor a command that
	// prints a line now and then for days may fill memory.
	maxIndexBytes = 64<<10 - 2*maxRunBytes
)

// Options of a log.
type Options struct {
	// Path begins the names of its files: <path>-<n>.
	Path string
	// Limit: at least this much of the newest data is kept, at most a sixteenth (or 64 KiB) more, and what is held.
	Limit int64
	// HoldWait is how long the command waits at a full log for a reader that is not there; 0 where it never waits.
	HoldWait time.Duration
	// Failed is told that the disk refused some output. It is dropped, and readers see a gap.
	Failed func(error)
	// Now is the wall clock in milliseconds since the epoch.
	Now func() int64
}

// Log is the output of one command.
type Log struct {
	options      Options
	segmentBytes int64
	// writing is held by the one writer at a time, over its writes to the disk.
	writing sync.Mutex
	// mu guards everything below. No disk is waited for under it, but for unlinking.
	mu       sync.Mutex
	segments []*segment
	made     int
	next     int64
	// time is when the newest byte was read. It never goes back, whatever the clock does.
	time        int64
	endOffset   int64
	missingFrom int64
	ended       bool
	hold        *hold
	// changed is closed at the next change that a reader waits for, relieved when the command need not wait any more.
	changed, relieved chan struct{}
}

// New makes an empty log, without any file.
func New(options Options) *Log {
	log := &Log{
		options:      options,
		segmentBytes: max(minSegmentBytes, min(maxSegmentBytes, options.Limit/16)),
		endOffset:    -1,
		missingFrom:  -1,
	}
	if options.HoldWait > 0 {
		log.hold = &hold{log: log, wait: options.HoldWait}
	}
	return log
}

// State is what is told of a log. EndOffset and MissingFrom are negative where there is none.
type State struct{ First, Next, EndOffset, MissingFrom int64 }

// State returns how far the log goes now.
func (l *Log) State() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	return State{First: l.first(), Next: l.next, EndOffset: l.endOffset, MissingFrom: l.missingFrom}
}

func (l *Log) first() int64 {
	if len(l.segments) > 0 {
		return l.segments[0].start
	}
	return l.next
}

// Append adds output. It waits for the disk, and not for any reader.
func (l *Log) Append(stream Stream, data []byte) {
	l.writing.Lock()
	defer l.writing.Unlock()
	now := l.options.Now()
	for len(data) > 0 {
		taken := l.appendSome(stream, data, now)
		data = data[taken:]
	}
}

func (l *Log) appendSome(stream Stream, data []byte, now int64) int {
	l.mu.Lock()
	if l.ended {
		l.mu.Unlock()
		return len(data)
	}
	l.time = max(l.time, now)
	last := l.last()
	l.mu.Unlock()

	if last != nil && !last.sealed && (last.end-last.start >= l.segmentBytes || len(last.written.encoded) >= maxIndexBytes) {
		l.seal(last)
	}
	l.mu.Lock()
	if last = l.last(); last == nil || last.sealed {
		l.made++
		last = newSegment(fmt.Sprintf("%s-%d", l.options.Path, l.made), l.next, runStart{stream, l.time})
		l.segments = append(l.segments, last)
	}
	l.mu.Unlock()

	size := int(min(int64(len(data)), l.segmentBytes-(last.end-last.start)))
	err := last.write(data[:size], last.end-last.start)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next += int64(size)
	last.written.add(stream, int64(size), l.time)
	last.end = l.next
	if err != nil {
		l.lose(last, err)
	}
	l.retain()
	l.wake()
	return size
}

func (l *Log) last() *segment {
	if len(l.segments) == 0 {
		return nil
	}
	return l.segments[len(l.segments)-1]
}

// seal finishes a segment. The writer's lock is held.
func (l *Log) seal(s *segment) {
	index, err := s.putAside()
	l.mu.Lock()
	defer l.mu.Unlock()
	s.sealed = true
	s.written = nil
	s.index = index
	if err != nil {
		l.lose(s, err)
	}
}

// lose gives up a segment that the disk refused: it becomes a gap, and later output goes to a new segment.
func (l *Log) lose(s *segment, err error) {
	l.options.Failed(err)
	s.sealed = true
	for i, kept := range l.segments {
		if kept == s {
			l.segments = append(append([]*segment{}, l.segments[:i]...), l.segments[i+1:]...)
			break
		}
	}
	l.miss(s)
	s.remove()
}

// retain drops the oldest segments that the limit does not need.
func (l *Log) retain() {
	for len(l.segments) > 1 {
		oldest := l.segments[0]
		if l.next-oldest.end < l.options.Limit || (l.hold != nil && oldest.end > l.hold.keptFrom()) {
			return
		}
		l.segments = l.segments[1:]
		l.miss(oldest)
		oldest.remove()
	}
}

// miss: a segment is gone. Of what the holding reader was sent of it nothing is missing.
func (l *Log) miss(s *segment) {
	sent := int64(0)
	if l.hold != nil {
		sent = l.hold.sent
	}
	if s.end > sent && (l.missingFrom < 0 || l.missingFrom > max(s.start, sent)) {
		l.missingFrom = max(s.start, sent)
	}
}

func (l *Log) wake() {
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

func (l *Log) relieve() {
	if l.relieved != nil && !l.stops() {
		close(l.relieved)
		l.relieved = nil
	}
}

func (l *Log) stops() bool { return l.hold != nil && l.hold.stops(l.next, l.options.Limit) }

func (l *Log) holdChanged() {
	l.retain()
	l.relieve()
}

// Waits says whether the command has to wait for its reader now.
func (l *Log) Waits() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stops()
}

// Relieved waits until the command need not wait any more, or until `stop` is closed.
func (l *Log) Relieved(stop <-chan struct{}) {
	for {
		l.mu.Lock()
		if !l.stops() {
			l.mu.Unlock()
			return
		}
		if l.relieved == nil {
			l.relieved = make(chan struct{})
		}
		relieved := l.relieved
		l.mu.Unlock()
		select {
		case <-relieved:
		case <-stop:
			return
		}
	}
}

// Hold begins a reading for which the log is held; nil where it is not held, or is held for another reader.
func (l *Log) Hold(reader string, from int64) *HeldReading {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.hold == nil || reader == "" {
		return nil
	}
	reading := l.hold.begin(reader, from)
	// It may ask again for what it was sent.
	l.relieve()
	return reading
}

// EndCommand says that the command has ended. Followers come to their end here; what it left behind may write on.
func (l *Log) EndCommand() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.endOffset < 0 {
		l.endOffset = l.next
	}
	l.wake()
}

// End says that no more output comes.
func (l *Log) End() {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	if l.ended {
		l.mu.Unlock()
		return
	}
	l.ended = true
	if l.endOffset < 0 {
		l.endOffset = l.next
	}
	if l.hold != nil {
		l.hold.end()
		l.relieve()
	}
	last := l.last()
	l.wake()
	l.mu.Unlock()
	if last != nil && !last.sealed {
		l.seal(last)
	}
}

// Remove deletes the log. Readers see a gap to its end.
func (l *Log) Remove() {
	l.End()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.hold != nil {
		l.hold.close()
	}
	for _, s := range l.segments {
		s.remove()
	}
	l.segments = nil
	l.relieve()
	l.wake()
}

// segmentAt returns the first kept segment that ends after the offset. It may start after it: what lies between is gone.
func (l *Log) segmentAt(offset int64) *segment {
	i := sort.Search(len(l.segments), func(i int) bool { return l.segments[i].end > offset })
	if i == len(l.segments) {
		return nil
	}
	return l.segments[i]
}
