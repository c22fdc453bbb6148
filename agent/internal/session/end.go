package session

import (
	"os"
	"sync"
	"syscall"
	"time"

	"onmemos.dev/agent/internal/bounds"
	"onmemos.dev/agent/internal/processes"
)

// Reason says why a session ended.
type Reason string

// The reasons.
const (
	// Deadline: its time was over, or a client set a deadline that was past.
	Deadline Reason = "deadline"
	// Terminated: a signal told the agent to end, without an announcement over its channel.
	Terminated Reason = "terminated"
	// Disconnected: the agent served one connection, and that has ended.
	Disconnected Reason = "disconnected"
)

// Cause is why and when a session began to end, as it is written for the container's runtime.
type Cause struct {
	Reason Reason `json:"reason"`
	// Deadline and Generation are those that were in force; 0 where there was none.
	Deadline   int64 `json:"deadline,omitempty"`
	Generation int64 `json:"generation,omitempty"`
	At         int64 `json:"at"`
}

// deadline is when a session ends by itself. The session's lock guards it.
type deadline struct {
	at, generation int64
	// due is when it is due by the steady clock: a wall clock that is set back must not give the session more time.
	due   time.Time
	timer *time.Timer
}

// SetDeadline moves the end, unless a later generation has moved it already. What is past ends the session at once.
func (s *Session) SetDeadline(at, generation int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if generation < s.generation {
		return
	}
	// The same deadline again is due when it was due before.
	if at != s.at || s.due.IsZero() {
		s.due = time.Now().Add(time.Duration(min(at-now(), farMS)) * time.Millisecond)
	}
	s.at, s.generation = at, generation
	s.watchDeadline()
}

// farMS is further away than any session ends, and within what a duration can hold.
const farMS = 100 * 365 * 24 * 3_600_000

func (s *Session) watchDeadline() {
	if s.timer != nil {
		s.timer.Stop()
	}
	if s.ending {
		return
	}
	// Whichever clock is ahead counts: the wall clock may have been set forward, or the machine may have slept.
	left := min(time.Until(s.due), time.Duration(min(s.at-now(), farMS))*time.Millisecond)
	if left <= 0 {
		s.begunToEnd(Deadline, bounds.DeadlineGraceMS*time.Millisecond)
		return
	}
	s.timer = time.AfterFunc(min(left, bounds.DeadlineCheckMS*time.Millisecond), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.watchDeadline()
	})
}

// End ends the session: TERM to all of its processes, KILL after the grace. A later call changes nothing.
func (s *Session) End(reason Reason, grace time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begunToEnd(reason, grace)
}

// Cause is why the session ends. It is known once Ending is closed.
func (s *Session) Cause() Cause {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cause
}

func (s *Session) begunToEnd(reason Reason, grace time.Duration) {
	if s.ending {
		return
	}
	s.ending = true
	s.cause = Cause{Reason: reason, Deadline: s.at, Generation: s.generation, At: now()}
	close(s.Ending)
	go s.finish(grace)
}

// killWithin is how long the last KILL may take, settleWithin the last output.
const killWithin, settleWithin = time.Second, 500 * time.Millisecond

func (s *Session) finish(grace time.Duration) {
	if grace > 0 {
		_, _ = processes.SignalAll(s.processes, syscall.SIGTERM)
		s.waitUntilGone(grace)
	}
	// What was being started when the end began is killed too.
	s.starting.Wait()
	if !processes.KillAll(s.processes, nil, killWithin) {
		s.options.Warn("some processes of the session could not be killed")
	}
	s.mu.Lock()
	order := s.order
	s.mu.Unlock()
	if !endedWithin(order, settleWithin) {
		// Something outside of the session holds some output.
		for _, e := range order {
			if e.err == nil {
				e.exec.Abort()
			}
		}
		if !endedWithin(order, settleWithin) {
			s.options.Warn("some commands of the session have not ended")
		}
	}
	close(s.Over)
}

func endedWithin(order []*entry, within time.Duration) bool {
	late := time.After(within)
	for _, e := range order {
		if <-e.ready; e.err != nil {
			continue
		}
		select {
		case <-e.exec.Ended:
		case <-late:
			return false
		}
	}
	return true
}

func (s *Session) waitUntilGone(grace time.Duration) {
	const firstPause, longestPause = 2 * time.Millisecond, 50 * time.Millisecond
	end := time.Now().Add(grace)
	for pause := firstPause; time.Now().Before(end); pause = min(pause*2, longestPause) {
		if found, err := s.processes(); err == nil && len(found) == 0 {
			return
		}
		time.Sleep(min(pause, time.Until(end)))
	}
}

// processes returns every process of the session: as process 1 all that there are, else all that descend from here.
// The agent itself is none of them, nor are its supervisors, nor the other ends of its connections, which run the same
// program.
func (s *Session) processes() ([]processes.Process, error) {
	var found []processes.Process
	var err error
	if os.Getpid() == 1 {
		found, err = processes.All()
	} else {
		found, err = processes.Below(os.Getpid())
	}
	started := s.options.Reaper.Started()
	its := found[:0]
	for _, process := range found {
		if process.PID != os.Getpid() && !process.Ended() && !started[process.PID] && !process.Runs(ownProgram()) {
			its = append(its, process)
		}
	}
	return its, err
}

var ownProgram = sync.OnceValue(func() os.FileInfo {
	info, _ := os.Stat("/proc/self/exe")
	return info
})

func (s *Session) count() (int, bool) {
	found, err := s.processes()
	return len(found), err == nil
}
