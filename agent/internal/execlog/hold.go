package execlog

import (
	"time"

	"onmemos.dev/agent/internal/bounds"
)

// hold decides whether a full log makes its command wait. One reader holds: the first that asks for it from byte 0. It
// may leave and come back under its name. Without it the command waits for a limited time; then the hold is over for
// good. The log's lock guards it.
type hold struct {
	log     *Log
	wait    time.Duration
	reader  string
	reading *HeldReading
	sent    int64
	timer   *time.Timer
	over    bool
	ended   bool
}

// HeldReading is one reading by the reader that holds.
type HeldReading struct{ hold *hold }

// keptFrom is the offset behind which nothing is dropped. Some that was sent is kept too: a broken connection loses it.
func (h *hold) keptFrom() int64 {
	if h.over {
		return 1 << 62
	}
	return h.sent - bounds.SentKeptBytes
}

// stops says whether a command waits whose log ends at `next`.
func (h *hold) stops(next, limit int64) bool {
	if h.over || h.ended || next-h.sent < limit {
		return false
	}
	if h.reading == nil && h.timer == nil {
		h.startWait()
	}
	return true
}

func (h *hold) begin(reader string, from int64) *HeldReading {
	if h.over || (h.reader == "" && from != 0) || (h.reader != "" && h.reader != reader) {
		return nil
	}
	h.reader = reader
	h.reading = &HeldReading{h}
	h.stopWait()
	// What its connection has lost it asks for again.
	h.sent = min(h.sent, from)
	return h.reading
}

// end: no more output comes, and nothing waits any more. What the reader lacks is kept for it as before.
func (h *hold) end() {
	h.ended = true
	if h.reading == nil && h.timer == nil {
		h.startWait()
	}
}

func (h *hold) close() {
	h.stopWait()
	h.over = true
}

func (h *hold) stopWait() {
	if h.timer != nil {
		h.timer.Stop()
		h.timer = nil
	}
}

func (h *hold) startWait() {
	if h.over {
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(h.wait, func() {
		h.log.mu.Lock()
		defer h.log.mu.Unlock()
		// A reader that came just now has stopped it too late.
		if h.timer != timer {
			return
		}
		h.close()
		h.log.holdChanged()
	})
	h.timer = timer
}

// Sent says that everything before this offset is sent. It may be called on nil, where nothing is held.
func (r *HeldReading) Sent(offset int64) {
	if r == nil {
		return
	}
	log := r.hold.log
	log.mu.Lock()
	defer log.mu.Unlock()
	if r.hold.reading == r && offset > r.hold.sent {
		r.hold.sent = offset
		log.holdChanged()
	}
}

// End says that the reader has left.
func (r *HeldReading) End() {
	if r == nil {
		return
	}
	r.hold.log.mu.Lock()
	defer r.hold.log.mu.Unlock()
	if r.hold.reading == r {
		r.hold.reading = nil
		r.hold.startWait()
	}
}
