package execs

import (
	"sync"
	"syscall"
	"time"

	"onmemos.dev/agent/internal/bounds"
	"onmemos.dev/agent/internal/execlog"
	"onmemos.dev/agent/internal/protocol"
	"onmemos.dev/agent/internal/reaper"
	"onmemos.dev/agent/internal/supervisor"
)

// killWithin is how long a KILL waits until nothing of its command is left.
const killWithin = 10 * time.Second

// Options are what an exec needs besides its start.
type Options struct {
	Reaper *reaper.Reaper
	// Cwd is the folder to start in, Env the whole environment.
	Cwd string
	Env []string
	Log execlog.Options
}

// Exec is one command.
type Exec struct {
	id        string
	tty       bool
	log       *execlog.Log
	command   *supervisor.Command
	drain     *drain
	streams   *streams
	startedAt int64
	now       func() int64
	timeout   *time.Timer

	// Ended is closed once the command has ended and its output is in the log.
	Ended chan struct{}
	// Drained is closed once nothing holds its output any more, so that no descriptor is kept for it.
	Drained chan struct{}

	mu      sync.Mutex
	stdin   *stdin
	exited  bool
	endedAt int64
	// stdinOffset is told once the command has ended.
	stdinOffset int64
	timedOut    bool
	abandoned   bool
}

// Start starts a command.
func Start(start *protocol.Start, options Options) (*Exec, error) {
	opened, err := openStreams(start)
	if err != nil {
		return nil, err
	}
	plan := &supervisor.Plan{Argv: start.Program(), Cwd: options.Cwd, Env: options.Env, TTY: start.TTY != nil}
	command, err := supervisor.Start(options.Reaper, plan, opened.theirs, start.Field())
	opened.given()
	if err != nil {
		opened.closeAll()
		return nil, err
	}
	log := execlog.New(options.Log)
	e := &Exec{
		id:        start.ExecID,
		tty:       start.TTY != nil,
		log:       log,
		command:   command,
		streams:   opened,
		startedAt: options.Log.Now(),
		now:       options.Log.Now,
		stdin:     newStdin(opened.input, start.TTY != nil),
		Ended:     make(chan struct{}),
		Drained:   make(chan struct{}),
	}
	e.drain = newDrain(log, opened.output...)
	if start.TimeoutMS > 0 {
		e.timeout = time.AfterFunc(milliseconds(start.TimeoutMS), e.expire)
	}
	go e.follow()
	return e, nil
}

// milliseconds is a duration, however large the number is.
func milliseconds(ms int64) time.Duration {
	const most = int64(1<<63-1) / int64(time.Millisecond)
	return time.Duration(min(ms, most)) * time.Millisecond
}

// Log is the output of the command.
func (e *Exec) Log() *execlog.Log { return e.log }

func (e *Exec) follow() {
	<-e.command.Exited
	e.mu.Lock()
	e.exited = true
	if !e.timedOut && e.timeout != nil {
		e.timeout.Stop()
	}
	e.mu.Unlock()
	e.drain.settle(e.command.Lingers)
	e.log.EndCommand()
	e.mu.Lock()
	e.endedAt = e.now()
	e.stdinOffset = e.stdin.end()
	e.mu.Unlock()
	// Known before the end is: who waits for that may start another command at once.
	finished := e.drain.finished()
	if finished {
		e.outputEnded()
	}
	close(e.Ended)
	if !finished {
		<-e.drain.closed
		e.outputEnded()
	}
}

func (e *Exec) outputEnded() {
	e.log.End()
	close(e.Drained)
}

// State is an exec as the protocol tells it.
type State struct {
	ExecID       string  `json:"exec_id"`
	Status       string  `json:"status"`
	ExitCode     *int    `json:"exit_code"`
	Signal       *string `json:"signal"`
	SignalNumber *int    `json:"signal_number"`
	TimedOut     bool    `json:"timed_out"`
	NextOffset   int64   `json:"next_offset"`
	FirstOffset  int64   `json:"first_offset"`
	MissingFrom  *int64  `json:"missing_from"`
	EndOffset    *int64  `json:"end_offset"`
	StdinOffset  int64   `json:"stdin_offset"`
	StartedAt    int64   `json:"started_at"`
	EndedAt      *int64  `json:"ended_at"`
}

// State returns the exec as it is now.
func (e *Exec) State() State {
	e.mu.Lock()
	defer e.mu.Unlock()
	log := e.log.State()
	state := State{
		ExecID: e.id, Status: "running", StartedAt: e.startedAt,
		NextOffset: log.Next, FirstOffset: log.First, StdinOffset: e.stdinOffset,
	}
	if log.MissingFrom >= 0 {
		state.MissingFrom = &log.MissingFrom
	}
	if e.endedAt == 0 {
		state.StdinOffset = e.stdin.taken()
		return state
	}
	ended := e.endedAt
	state.EndedAt, state.EndOffset, state.TimedOut = &ended, &log.EndOffset, e.timedOut
	exit := e.command.Exit()
	if exit.Signal == 0 {
		state.Status, state.ExitCode = "exited", &exit.Code
	} else {
		name, number := protocol.SignalName(exit.Signal), int(exit.Signal)
		state.Status, state.Signal, state.SignalNumber = "killed", &name, &number
	}
	if e.timedOut {
		state.Status = "timed_out"
	}
	return state
}

// Read begins to read the output.
func (e *Exec) Read(from int64, follow bool) (*execlog.Reader, error) {
	if next := e.log.State().Next; from > next {
		return nil, protocol.Errorf(protocol.PastEnd, "the log ends at %d, %d lies behind it", next, from)
	}
	return e.log.Read(from, follow), nil
}

// TryStdin accepts input. `again` is not nil where too much waits: it is closed once it is worth another try.
func (e *Exec) TryStdin(offset int64, data []byte, eof bool) (next int64, again <-chan struct{}, err error) {
	e.mu.Lock()
	ended, taken := e.endedAt != 0, e.stdinOffset
	e.mu.Unlock()
	if !ended {
		return e.stdin.try(offset, data, eof)
	}
	if offset+int64(len(data)) > taken {
		return 0, nil, protocol.Errorf(protocol.Ended, "the command has ended")
	}
	return taken, nil, nil
}

func (e *Exec) hasExited() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.exited
}

func (e *Exec) isEnded() bool {
	select {
	case <-e.Ended:
		return true
	default:
		return false
	}
}

// Signal sends a signal to the command, or to what it has left.
func (e *Exec) Signal(signal syscall.Signal) (State, error) {
	exited := e.hasExited()
	reached, err := e.send(signal, exited)
	if err != nil {
		return State{}, err
	}
	if !reached {
		return State{}, protocol.Errorf(protocol.Ended, "the command has ended")
	}
	if signal == syscall.SIGPIPE && !exited {
		e.abandon()
	}
	return e.State(), nil
}

func (e *Exec) send(signal syscall.Signal, exited bool) (bool, error) {
	switch {
	case exited && !protocol.EndsLeft(signal):
		return false, nil
	case signal == syscall.SIGKILL:
		reached := e.command.KillAll(killWithin)
		if e.isEnded() && !e.drain.finished() {
			// Its output may also be held by a process that was handed it. What the killed ones wrote is in the pipes.
			e.drain.settle(func() bool { return false })
			e.drain.close()
			reached = true
		}
		return reached, nil
	case protocol.ReachesAll(signal):
		return e.command.SignalAll(signal)
	}
	return e.command.SignalGroup(signal), nil
}

// Resize sets the size of the terminal.
func (e *Exec) Resize(size protocol.Size) error {
	if !e.tty {
		return protocol.Errorf(protocol.Invalid, "the command has no terminal")
	}
	if e.hasExited() {
		return protocol.Errorf(protocol.Ended, "the command has ended")
	}
	return setSize(e.streams.terminal, size)
}

func (e *Exec) expire() {
	e.mu.Lock()
	if e.exited {
		e.mu.Unlock()
		return
	}
	e.timedOut = true
	e.mu.Unlock()
	e.termThenKill(bounds.TimeoutGraceMS)
}

// abandon: the caller is gone. What does not end by that is ended, also what has outlived the command itself.
func (e *Exec) abandon() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.abandoned {
		return
	}
	e.abandoned = true
	time.AfterFunc(bounds.GoneTermMS*time.Millisecond, func() { e.termThenKill(bounds.GoneKillMS) })
}

// termThenKill also ends what has outlived the command.
func (e *Exec) termThenKill(grace int64) {
	// What can’t be signalled now is killed later.
	_, _ = e.command.SignalAll(syscall.SIGTERM)
	time.AfterFunc(milliseconds(grace), func() { e.command.KillAll(killWithin) })
}

// Abort ends the reading of output that something still holds: the session is over.
func (e *Exec) Abort() { e.drain.close() }

// Supervisor is the process that watches over the command; 0 once nothing is left of it.
func (e *Exec) Supervisor() int { return e.command.Supervisor() }
