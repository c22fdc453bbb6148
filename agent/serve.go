package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"onmemos.dev/agent/internal/bounds"
	"onmemos.dev/agent/internal/environment"
	"onmemos.dev/agent/internal/reaper"
	"onmemos.dev/agent/internal/serve"
	"onmemos.dev/agent/internal/session"
)

const (
	// exitAfterGrace is from the KILL of everything to the agent's own end, at the latest. Together with the grace it has
	// to be less than the 10 s that Cloud Run gives.
	exitAfterGrace = 1500 * time.Millisecond
	// exitTerminated is what a program ends with that TERM ends.
	exitTerminated = 128 + int(syscall.SIGTERM)
)

func warn(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s %s\n", time.Now().UTC().Format(time.RFC3339), fmt.Sprintf(format, args...))
}

func serveCommand(args []string) int {
	settings, code := readSettings(args)
	if settings == nil {
		return code
	}
	// What the agent makes is its own user's alone; commands have the umask of a login shell.
	syscall.Umask(0o077)
	keepOpenFiles()
	if os.Getpid() != 1 {
		if err := reaper.AdoptOrphans(); err != nil {
			return fail(fmt.Errorf("orphans can’t be adopted: %w", err))
		}
	}
	agent, err := prepare(settings)
	if err != nil {
		return fail(err)
	}
	return agent.run()
}

// agent is a running `serve`.
type agent struct {
	settings *settings
	session  *session.Session
	server   *serve.Server
	listener net.Listener
	// remove has what is deleted at the end.
	remove []string
}

func prepare(settings *settings) (*agent, error) {
	a := &agent{settings: settings}
	logs, err := a.folder()
	if err != nil {
		return nil, err
	}
	base := environment.FromImage(os.Environ())
	workspace, err := a.workspace(base)
	if err != nil {
		return nil, err
	}
	a.session = session.New(session.Options{
		Logs: logs, Workspace: workspace, Base: base, Reaper: reaper.New(), HoldWait: settings.holdWait, Warn: warn,
	})
	a.server = &serve.Server{Session: a.session, Name: settings.session, Warn: warn}
	if settings.deadline > 0 {
		a.session.SetDeadline(settings.deadline, settings.generation)
	}
	return a, nil
}

// folder makes the private folder, with the socket unless the standard streams are served. It returns where the logs are.
func (a *agent) folder() (string, error) {
	if a.settings.stdio && a.settings.dir == "" {
		dir, err := os.MkdirTemp("", "onmemos-")
		a.remove = append(a.remove, dir)
		return filepath.Join(dir, "logs"), made(filepath.Join(dir, "logs"), err)
	}
	tried := folders()
	if a.settings.dir != "" {
		tried = []string{a.settings.dir}
	}
	var err error
	for _, dir := range tried {
		if a.settings.stdio {
			err = serve.PrivateFolder(dir)
		} else {
			a.listener, err = serve.Listen(socketIn(dir))
		}
		if err != nil {
			continue
		}
		logs := filepath.Join(dir, "logs")
		// Those of an agent that was killed.
		if err = os.RemoveAll(logs); err == nil {
			return logs, made(logs, nil)
		}
	}
	return "", err
}

func made(folder string, err error) error {
	if err != nil {
		return err
	}
	return os.MkdirAll(folder, 0o700)
}

// workspace is where commands start. An image may have no such folder, and its user may not be allowed to make one.
func (a *agent) workspace(base *environment.Base) (string, error) {
	// Others than the agent use it.
	defer syscall.Umask(syscall.Umask(0o022))
	if a.settings.workspace != "" {
		return a.settings.workspace, os.MkdirAll(a.settings.workspace, 0o755)
	}
	if a.settings.stdio {
		dir, err := os.MkdirTemp("", "onmemos-workspace-")
		a.remove = append(a.remove, dir)
		return dir, err
	}
	const usual = "/workspace"
	err := os.MkdirAll(usual, 0o755)
	if err == nil {
		return usual, nil
	}
	if info, missing := os.Stat(base.Home()); missing == nil && info.IsDir() {
		warn("%s can’t be made (%s): commands start in %s", usual, err, base.Home())
		return base.Home(), nil
	}
	warn("%s can’t be made (%s): commands start in /", usual, err)
	return "/", nil
}

// run serves until the session is over, and returns the exit code.
func (a *agent) run() int {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM, syscall.SIGINT)
	// With a handler of its own, a write to a stream without a reader fails; commands have the default.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE, syscall.SIGHUP)
	if a.settings.stdio {
		go func() {
			a.server.Serve(stdio{})
			a.session.End(session.Disconnected, 0)
		}()
	} else {
		go a.server.Accept(a.listener)
		warn("onmemos-agent %s listens on %s", version, a.listener.Addr())
	}
	late := make(<-chan time.Time)
	for ending := a.session.Ending; ; {
		select {
		case <-told:
			a.session.End(session.Terminated, a.settings.grace)
			late = time.After(a.settings.grace + exitAfterGrace)
			told = nil
		case <-ending:
			a.writeCause()
			ending = nil
		case <-a.session.Over:
			a.lastWords(late)
			return a.close(true)
		case <-late:
			// What still runs ends with process 1, or by its supervisor.
			return a.close(false)
		}
	}
}

// writeCause tells the container's runtime why the session ends. It is written at once: the runtime may not wait.
func (a *agent) writeCause() {
	cause := a.session.Cause()
	text, err := json.Marshal(cause)
	if err != nil || cause.Reason == session.Disconnected {
		return
	}
	warn("the session ends: %s", text)
	file, err := os.OpenFile(a.settings.terminationLog, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return
	}
	defer file.Close()
	if _, err := file.Write(text); err != nil {
		warn("%s can’t be written: %s", a.settings.terminationLog, err)
	}
}

// lastWords leaves the connections open for a moment, so that what is under way is still answered.
func (a *agent) lastWords(late <-chan time.Time) {
	end := time.After(bounds.LastWordsMS * time.Millisecond)
	for a.server.Connections() > 0 {
		select {
		case <-end:
			return
		case <-late:
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// close ends what is left, and returns 0 where the session ended as it was to: by its deadline or by an order.
func (a *agent) close(removes bool) int {
	if a.listener != nil {
		_ = a.listener.Close()
	}
	a.server.Close()
	if removes {
		a.session.Remove()
		for _, path := range a.remove {
			_ = os.RemoveAll(path)
		}
	}
	if a.session.Cause().Reason == session.Terminated {
		return exitTerminated
	}
	return 0
}

// stdio is a connection on the standard streams.
type stdio struct{}

var _ io.ReadWriteCloser = stdio{}

func (stdio) Read(to []byte) (int, error)    { return os.Stdin.Read(to) }
func (stdio) Write(from []byte) (int, error) { return os.Stdout.Write(from) }
func (stdio) Close() error {
	_ = os.Stdin.Close()
	return os.Stdout.Close()
}

// keepOpenFiles keeps what this program was started with from the commands.
func keepOpenFiles() {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return
	}
	for _, entry := range entries {
		if number, err := strconv.Atoi(entry.Name()); err == nil && number > 2 {
			syscall.CloseOnExec(number)
		}
	}
}
