// Package execs runs one command from its start to its end, with everything that readers may ask for later.
package execs

import (
	"os"
	"sync"

	"onmemos.dev/agent/internal/bounds"
	"onmemos.dev/agent/internal/protocol"
)

// endOfTransmission is what a terminal takes as the end of input.
const endOfTransmission = 4

// stdin takes input by offset: each byte once, whatever is sent again.
type stdin struct {
	tty bool
	mu  sync.Mutex
	// target is nil where the exec has no stdin, or it is closed.
	target *os.File
	offset int64
	closed protocol.Code
	// queue has what is accepted and not written yet. One goroutine writes, as long as there is something.
	queue   [][]byte
	queued  int
	writing bool
	eof     bool
	changed chan struct{}
}

func newStdin(target *os.File, tty bool) *stdin {
	s := &stdin{target: target, tty: tty, changed: make(chan struct{})}
	if target == nil {
		s.closed = protocol.StdinClosed
	}
	return s
}

func (s *stdin) taken() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.offset
}

// try accepts bytes. `again` is not nil where too much waits: it is closed once it is worth another try.
func (s *stdin) try(offset int64, data []byte, eof bool) (next int64, again <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if offset > s.offset {
		return 0, nil, protocol.Errorf(protocol.StdinGap,
			"stdin was taken up to %d, %d leaves a gap; continue at %d", s.offset, offset, s.offset)
	}
	fresh := data[min(s.offset-offset, int64(len(data))):]
	if len(fresh) == 0 && (!eof || s.closed == protocol.StdinClosed) {
		return s.offset, nil, nil
	}
	if s.closed == protocol.Ended {
		return 0, nil, protocol.Errorf(protocol.Ended, "the command has ended")
	}
	if s.closed != "" {
		return 0, nil, protocol.Errorf(protocol.StdinClosed, "the stdin of the command is closed")
	}
	if s.queued >= bounds.MaxWaitingStdinBytes {
		return 0, s.changed, nil
	}
	s.offset += int64(len(fresh))
	if eof {
		s.closed = protocol.StdinClosed
		s.eof = true
		if s.tty {
			// Closing a terminal would hang the command up.
			fresh = append(append([]byte{}, fresh...), endOfTransmission)
		}
	}
	if len(fresh) > 0 {
		s.queue = append(s.queue, fresh)
		s.queued += len(fresh)
	}
	if !s.writing {
		s.writing = true
		go s.write()
	}
	return s.offset, nil, nil
}

func (s *stdin) write() {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 || s.target == nil {
			s.writing = false
			if s.eof && !s.tty {
				s.closeTarget()
			}
			s.mu.Unlock()
			return
		}
		piece, target := s.queue[0], s.target
		s.mu.Unlock()
		_, err := target.Write(piece)
		s.mu.Lock()
		if len(s.queue) > 0 {
			s.queue = s.queue[1:]
			s.queued -= len(piece)
		}
		if err != nil {
			s.refuse(protocol.StdinClosed)
			s.closeTarget()
		}
		s.wake()
		s.mu.Unlock()
	}
}

func (s *stdin) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *stdin) refuse(why protocol.Code) {
	if s.closed == "" {
		s.closed = why
	}
	s.queue, s.queued = nil, 0
}

func (s *stdin) closeTarget() {
	if s.target != nil && !s.tty {
		_ = s.target.Close()
	}
	s.target = nil
}

// end: the exec has ended, and what waits is refused.
func (s *stdin) end() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse(protocol.Ended)
	s.closeTarget()
	s.wake()
	return s.offset
}
