// Package session has everything of the one session that an agent serves: its commands, its deadline and its end.
package session

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"onmemos.dev/agent/internal/bounds"
	"onmemos.dev/agent/internal/environment"
	"onmemos.dev/agent/internal/execlog"
	"onmemos.dev/agent/internal/execs"
	"onmemos.dev/agent/internal/protocol"
	"onmemos.dev/agent/internal/reaper"
	"onmemos.dev/agent/internal/usage"
)

// Options of a session.
type Options struct {
	// Logs is a folder for the output of commands, Workspace the one where they start.
	Logs, Workspace string
	Base            *environment.Base
	Reaper          *reaper.Reaper
	// HoldWait is how long a command waits at a full log for a reader that is not there.
	HoldWait time.Duration
	// Warn writes a line into the agent's own log.
	Warn func(format string, args ...any)
	// MostExecs is how many commands may be started in all, MostRunning how many run at once; 0 is the bound of the
	// protocol.
	MostExecs, MostRunning int
}

// Session is the session.
type Session struct {
	options Options
	meter   *usage.Meter
	// Ending is closed when the session begins to end, Over when nothing of it runs any more.
	Ending, Over chan struct{}
	// starting counts commands that are being started.
	starting sync.WaitGroup

	mu     sync.Mutex
	byID   map[string]*entry
	order  []*entry
	held   map[*entry]bool
	logs   int
	reads  int
	cause  Cause
	ending bool
	deadline
}

// entry is a command that is started or being started.
type entry struct {
	id string
	// ready is closed once it is known whether it has started.
	ready chan struct{}
	exec  *execs.Exec
	err   error
}

// New makes a session without any command.
func New(options Options) *Session {
	if options.MostExecs == 0 {
		options.MostExecs = bounds.MaxExecs
	}
	if options.MostRunning == 0 {
		options.MostRunning = bounds.MaxRunningExecs
	}
	s := &Session{
		options: options,
		Ending:  make(chan struct{}),
		Over:    make(chan struct{}),
		byID:    map[string]*entry{},
		held:    map[*entry]bool{},
	}
	s.meter = usage.New(s.count)
	return s
}

func now() int64 { return time.Now().UnixMilli() }

var errSessionEnded = protocol.Errorf(protocol.NoSuchSession, "the session has ended")

// Start starts a command, or finds the one that was started under its id. What is known at once is known when it
// returns; the function that it returns waits for the rest.
func (s *Session) Start(start *protocol.Start) (func() (execs.State, error), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		return nil, errSessionEnded
	}
	if found := s.byID[start.ExecID]; found != nil {
		return found.started, nil
	}
	if len(s.byID) >= s.options.MostExecs {
		return nil, protocol.Errorf(protocol.TooMany,
			"A session has at most %d commands. Go on in a new session.", s.options.MostExecs)
	}
	if len(s.held) >= s.options.MostRunning {
		return nil, protocol.Errorf(protocol.TooMany, "%s", s.tooMany())
	}
	e := &entry{id: start.ExecID, ready: make(chan struct{})}
	s.byID[e.id] = e
	s.order = append(s.order, e)
	s.held[e] = true
	s.logs++
	number := s.logs
	s.starting.Add(1)
	return func() (execs.State, error) {
		s.begin(e, start, number)
		s.starting.Done()
		return e.started()
	}, nil
}

func (e *entry) started() (execs.State, error) {
	<-e.ready
	if e.err != nil {
		return execs.State{}, e.err
	}
	return e.exec.State(), nil
}

func (s *Session) begin(e *entry, start *protocol.Start, number int) {
	limit := start.LogLimitMB << 20
	log := execlog.Options{
		Path:  filepath.Join(s.options.Logs, fmt.Sprint(number)),
		Limit: limit,
		Now:   now,
		Failed: func(err error) {
			s.options.Warn("output of %s could not be kept: %s", e.id, err)
		},
	}
	if start.Hold {
		log.HoldWait = s.options.HoldWait
	}
	e.exec, e.err = execs.Start(start, execs.Options{
		Reaper: s.options.Reaper,
		Cwd:    startFolder(s.options.Workspace, start.Cwd),
		Env:    s.options.Base.For(start.Env, start.TTY != nil),
		Log:    log,
	})
	if e.err != nil {
		s.forget(e)
	} else {
		go func() {
			<-e.exec.Drained
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.held, e)
		}()
	}
	close(e.ready)
}

// forget frees the id of a command that was not started.
func (s *Session) forget(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, e)
	delete(s.byID, e.id)
	for i, one := range s.order {
		if one == e {
			s.order = append(s.order[:i:i], s.order[i+1:]...)
			break
		}
	}
	if s.ending {
		e.err = errSessionEnded
	}
}

// startFolder is the folder that a command starts in. A relative one is below the workspace; the system resolves its
// links and dots.
func startFolder(workspace, cwd string) string {
	switch {
	case cwd == "":
		return workspace
	case strings.HasPrefix(cwd, "/"):
		return cwd
	}
	return workspace + "/" + cwd
}

// tooMany says why no further command can be started. Those that have ended are told of, as they are easily overlooked.
func (s *Session) tooMany() string {
	bound := fmt.Sprintf("At most %d commands run in a session at once.", s.options.MostRunning)
	ended, example := 0, ""
	for e := range s.held {
		select {
		case <-e.ready:
		default:
			continue
		}
		if e.err != nil {
			continue
		}
		select {
		case <-e.exec.Ended:
			ended++
			example = e.id
		default:
		}
	}
	if ended == 0 {
		return bound + " Wait for one to end, or end one, then try again."
	}
	return fmt.Sprintf("%s %d of them ended, but processes that were left still hold the output. Send KILL to such a "+
		"command, for example %s: that ends what it left. What is to go on needs an output of its own, such as a file.",
		bound, ended, example)
}

// Find returns the command of this id, once it has started.
func (s *Session) Find(id string) (*execs.Exec, error) {
	s.mu.Lock()
	e := s.byID[id]
	s.mu.Unlock()
	if e != nil {
		<-e.ready
		if e.err == nil {
			return e.exec, nil
		}
	}
	return nil, protocol.Errorf(protocol.NoSuchExec, "there is no exec %s", id)
}

// FindReady returns the command of this id if it has started already; nil else.
func (s *Session) FindReady(id string) *execs.Exec {
	s.mu.Lock()
	e := s.byID[id]
	s.mu.Unlock()
	if e == nil {
		return nil
	}
	select {
	case <-e.ready:
		return e.exec
	default:
		return nil
	}
}

// Page is a part of the list of commands.
type Page struct {
	Execs []execs.State `json:"execs"`
	More  bool          `json:"more"`
}

// List returns the commands behind this one in the order of their starts. An id that is not known starts it anew.
func (s *Session) List(after string) Page {
	s.mu.Lock()
	order := s.order
	s.mu.Unlock()
	begun := make([]*entry, 0, len(order))
	from := 0
	for _, e := range order {
		<-e.ready
		if e.err != nil {
			continue
		}
		begun = append(begun, e)
		if e.id == after {
			from = len(begun)
		}
	}
	to := min(from+bounds.ListPageExecs, len(begun))
	page := Page{Execs: make([]execs.State, 0, to-from), More: to < len(begun)}
	for _, e := range begun[from:to] {
		page.Execs = append(page.Execs, e.exec.State())
	}
	return page
}

// TakeRead counts a read; GiveRead is to be called at its end.
func (s *Session) TakeRead() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reads >= bounds.MaxOpenReads {
		return protocol.Errorf(protocol.TooMany,
			"At most %d readers follow the output of a session at once. Close one of them, then try again.", bounds.MaxOpenReads)
	}
	s.reads++
	return nil
}

// GiveRead is the end of a read.
func (s *Session) GiveRead() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads--
}

// Usage measures what the session uses now.
func (s *Session) Usage() usage.Usage { return s.meter.Measure() }

// Remove deletes the output of all commands.
func (s *Session) Remove() {
	s.mu.Lock()
	order := s.order
	s.mu.Unlock()
	for _, e := range order {
		<-e.ready
		if e.err == nil {
			e.exec.Log().Remove()
		}
	}
	_ = os.RemoveAll(s.options.Logs)
}
