package session

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"onmemos.dev/agent/internal/environment"
	"onmemos.dev/agent/internal/execs"
	"onmemos.dev/agent/internal/protocol"
	"onmemos.dev/agent/internal/reaper"
	"onmemos.dev/agent/internal/supervisor"
)

// The test's own program is the supervisor, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == supervisor.Name {
		os.Exit(supervisor.Main())
	}
	if len(os.Args) > 1 && os.Args[1] == "attach" {
		time.Sleep(time.Hour)
	}
	// As the agent does.
	if err := reaper.AdoptOrphans(); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

var children = sync.OnceValue(reaper.New)

func newSession(t *testing.T, change func(*Options)) *Session {
	t.Helper()
	dir := t.TempDir()
	options := Options{
		Logs: filepath.Join(dir, "logs"), Workspace: dir, Base: environment.FromImage(os.Environ()), Reaper: children(),
		HoldWait: time.Minute, Warn: t.Logf,
	}
	if err := os.Mkdir(options.Logs, 0o700); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&options)
	}
	s := New(options)
	t.Cleanup(func() {
		s.End(Disconnected, 0)
		<-s.Over
	})
	return s
}

func try(s *Session, start protocol.Start) (*execs.Exec, *protocol.Error) {
	start.LogLimitMB = 1
	run, err := s.Start(&start)
	if err == nil {
		_, err = run()
	}
	if err != nil {
		return nil, err.(*protocol.Error)
	}
	return s.FindReady(start.ExecID), nil
}

func start(t *testing.T, s *Session, id, command string) *execs.Exec {
	t.Helper()
	exec, err := try(s, protocol.Start{ExecID: id, Command: command})
	if err != nil {
		t.Fatal(err)
	}
	return exec
}

func ended(t *testing.T, exec *execs.Exec) execs.State {
	t.Helper()
	select {
	case <-exec.Ended:
	case <-time.After(2 * time.Minute):
		t.Fatal("it does not end")
	}
	return exec.State()
}

func signal(t *testing.T, exec *execs.Exec, name string) error {
	t.Helper()
	number, err := protocol.SignalOf(name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = exec.Signal(number)
	return err
}

// Each command keeps its own code, though it leaves an orphan, and many end at once.
func TestManyCommandsAtOnce(t *testing.T) {
	const commands, atOnce = 120, 20
	s := newSession(t, nil)
	var group sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for i := range commands {
		places <- struct{}{}
		group.Add(1)
		go func() {
			defer group.Done()
			defer func() { <-places }()
			id := fmt.Sprint("e", i)
			exec, err := try(s, protocol.Start{ExecID: id, Command: fmt.Sprintf("setsid sh -c 'exit 3' & exit %d", i%100)})
			if err != nil {
				t.Error(err)
				return
			}
			<-exec.Ended
			if state := exec.State(); state.ExitCode == nil || *state.ExitCode != i%100 {
				t.Errorf("%s: %+v", id, state)
			}
		}()
	}
	group.Wait()
	if page := s.List(""); len(page.Execs) != commands || page.More {
		t.Errorf("%d are listed", len(page.Execs))
	}
}

func TestOnlySoManyRunAtOnce(t *testing.T) {
	s := newSession(t, func(o *Options) { o.MostRunning = 2 })
	first := start(t, s, "first", "exec sleep 1000")
	left := start(t, s, "left", "sleep 1000 & exit 0")
	ended(t, left)
	_, err := try(s, protocol.Start{ExecID: "third", Command: ":"})
	if err == nil || err.Code != protocol.TooMany || !strings.Contains(err.Message, "1 of them ended") ||
		!strings.Contains(err.Message, "left") {
		t.Fatalf("%v", err)
	}
	if err := signal(t, left, "KILL"); err != nil {
		t.Fatal(err)
	}
	<-left.Drained
	third := start(t, s, "third", "exec sleep 1000")
	if _, err := try(s, protocol.Start{ExecID: "fourth", Command: ":"}); err == nil || !strings.Contains(err.Message, "Wait for one") {
		t.Fatalf("%v", err)
	}
	for _, exec := range []*execs.Exec{first, third} {
		if err := signal(t, exec, "TERM"); err != nil {
			t.Fatal(err)
		}
		<-exec.Drained
	}
	ended(t, start(t, s, "fourth", ":"))
}

func TestOnlySoManyInAll(t *testing.T) {
	s := newSession(t, func(o *Options) { o.MostExecs = 2 })
	if _, err := try(s, protocol.Start{ExecID: "no", Argv: []string{"/no/such/program"}}); err.Code != protocol.SpawnFailed {
		t.Fatal(err)
	}
	ended(t, start(t, s, "a", ":"))
	ended(t, start(t, s, "b", ":"))
	if _, err := try(s, protocol.Start{ExecID: "c", Command: ":"}); err == nil || err.Code != protocol.TooMany {
		t.Fatalf("%v", err)
	}
	// One that was started already is only told of.
	if state := start(t, s, "a", "exit 9").State(); *state.ExitCode != 0 {
		t.Errorf("%+v", state)
	}
}

// What can't be started says why, as a shell would.
func TestWhatCantBeStarted(t *testing.T) {
	s := newSession(t, nil)
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, []byte("#!/bin/sh\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(broken, []byte("\x00\x01"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, vector := range map[string]struct {
		start protocol.Start
		field string
		code  int
	}{
		"no program":             {protocol.Start{Argv: []string{"no-such-program"}}, "argv", 127},
		"no name":                {protocol.Start{Argv: []string{""}}, "argv", 127},
		"no folder of a program": {protocol.Start{Argv: []string{plain + "/x"}}, "argv", 127},
		"not to be run":          {protocol.Start{Argv: []string{plain}}, "argv", 126},
		"a folder":               {protocol.Start{Argv: []string{"/usr"}}, "argv", 126},
		"not a program":          {protocol.Start{Argv: []string{broken}}, "argv", 126},
		"no folder":              {protocol.Start{Command: ":", Cwd: "/no/such"}, "cwd", 126},
		"a file as folder":       {protocol.Start{Command: ":", Cwd: plain}, "cwd", 126},
		"an empty PATH":          {protocol.Start{Argv: []string{"ls"}, Env: map[string]string{"PATH": "/no"}}, "argv", 127},
		"on a terminal": {
			protocol.Start{Argv: []string{"no-such-program"}, TTY: &protocol.Size{Cols: 80, Rows: 24}}, "argv", 127,
		},
	} {
		vector.start.ExecID = "e"
		_, err := try(s, vector.start)
		if err == nil || err.Code != protocol.SpawnFailed || err.More["field"] != vector.field || err.More["exit_code"] != vector.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if page := s.List(""); len(page.Execs) != 0 {
		t.Errorf("%v", page)
	}
	// A program is looked for in the command's own PATH, below the folder that it starts in.
	if err := os.WriteFile(filepath.Join(s.options.Workspace, "mine"), []byte("#!/bin/sh\nexit 4\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	exec, err := try(s, protocol.Start{ExecID: "mine", Argv: []string{"mine"}, Env: map[string]string{"PATH": "/no:."}})
	if err != nil {
		t.Fatal(err)
	}
	if state := ended(t, exec); *state.ExitCode != 4 {
		t.Errorf("%+v", state)
	}
}

// The last words of a command whose log is held are its own, though its reader takes its time.
func TestAHeldCommandKeepsItsLastWords(t *testing.T) {
	s := newSession(t, nil)
	// It fills the log to its limit, and ends with what fits into the pipe.
	exec, err := try(s, protocol.Start{ExecID: "e", Command: "head -c 1048576 /dev/zero; sleep 0.3; printf last-words", Hold: true})
	if err != nil {
		t.Fatal(err)
	}
	if state := ended(t, exec); *state.EndOffset != 1<<20+10 {
		t.Errorf("it ended at %d", *state.EndOffset)
	}
}

// A command whose supervisor is killed does not go on.
func TestACommandEndsWithItsSupervisor(t *testing.T) {
	s := newSession(t, nil)
	exec := start(t, s, "e", "exec sleep 1000")
	process, err := os.FindProcess(exec.Supervisor())
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	if state := ended(t, exec); state.Status != "killed" || *state.Signal != "KILL" {
		t.Errorf("%+v", state)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if count, _ := s.count(); count == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatal("it goes on")
		}
	}
}

// The other ends of the agent's connections run the same program. They are none of the session's processes: TERM to
// these would cut off the answers that tell of their end.
func TestWhatRunsTheAgentItselfIsNotTheSessions(t *testing.T) {
	s := newSession(t, nil)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := try(s, protocol.Start{ExecID: "attach", Argv: []string{program, "attach"}}); err != nil {
		t.Fatal(err)
	}
	exec := start(t, s, "e", "exec sleep 1000")
	if count, known := s.count(); !known || count != 1 {
		t.Errorf("%d processes run", count)
	}
	if err := signal(t, exec, "KILL"); err != nil {
		t.Fatal(err)
	}
	if err := signal(t, s.FindReady("attach"), "KILL"); err != nil {
		t.Fatal(err)
	}
}

// What is started while a signal is on its way gets it; what the signal makes a process start does not.
func TestTermReachesWhatIsBeingStartedAndNoCleanUp(t *testing.T) {
	s := newSession(t, nil)
	for i := range 60 {
		exec := start(t, s, fmt.Sprint("e", i), "sleep 1000 & sleep 1000 & sleep 1000 & sleep 1000; :")
		time.Sleep(time.Duration(i%6) * 300 * time.Microsecond)
		if err := signal(t, exec, "TERM"); err != nil {
			t.Fatal(err)
		}
		ended(t, exec)
		if err := signal(t, exec, "TERM"); err == nil {
			t.Fatalf("something was left at the %dth time", i)
		}
	}
	for i := range 10 {
		name := fmt.Sprint("cleaned-", i)
		exec := start(t, s, name, fmt.Sprintf(
			"trap 'sleep 0.1 && echo > %s; exit' TERM; echo ready; while :; do sleep 0.01; done", name))
		for exec.State().NextOffset == 0 {
			time.Sleep(time.Millisecond)
		}
		if err := signal(t, exec, "TERM"); err != nil {
			t.Fatal(err)
		}
		ended(t, exec)
		if _, err := os.Stat(filepath.Join(s.options.Workspace, name)); err != nil {
			t.Fatalf("what cleans up was ended: %s", err)
		}
	}
}

// A burst of forks does not escape a KILL.
func TestKillReachesWhatForks(t *testing.T) {
	s := newSession(t, nil)
	exec := start(t, s, "e", "f() { while :; do (setsid sleep 1000 &) ; done; }; f & f & exec sleep 1000")
	time.Sleep(200 * time.Millisecond)
	if err := signal(t, exec, "KILL"); err != nil {
		t.Fatal(err)
	}
	if count, known := s.count(); !known || count != 0 {
		t.Errorf("%d processes are left", count)
	}
	if err := signal(t, exec, "KILL"); err == nil {
		t.Error("something was left")
	}
}
