package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"onmemos.dev/agent/internal/frame"
)

// The test's own program is the agent, too: as the agent starts its supervisors, and as a test starts it.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		os.Exit(run(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// hangs is for what does not come at all.
const hangs = 2 * time.Minute

func self(t testing.TB) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// agentProcess is an agent that a test has started.
type agentProcess struct {
	t                   testing.TB
	cmd                 *exec.Cmd
	dir, workspace, why string
	ended               chan struct{}
	said                strings.Builder
}

// under begins the command line that starts the agent, such as a program that makes it process 1.
func startAgent(t testing.TB, under []string, flags ...string) *agentProcess {
	t.Helper()
	// Short, as the path of a socket has to be.
	dir, err := os.MkdirTemp("", "agent-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	a := &agentProcess{
		t: t, dir: filepath.Join(dir, "own"), workspace: filepath.Join(dir, "workspace"), why: filepath.Join(dir, "why"),
		ended: make(chan struct{}),
	}
	if err := os.WriteFile(a.why, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	line := append(append([]string{}, under...), self(t), "serve", "--dir", a.dir, "--workspace", a.workspace,
		"--termination-log", a.why)
	line = append(line, flags...)
	a.cmd = exec.Command(line[0], line[1:]...)
	a.cmd.Stderr = &a.said
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = a.cmd.Wait()
		close(a.ended)
	}()
	t.Cleanup(func() {
		_ = a.cmd.Process.Kill()
		<-a.ended
		if t.Failed() {
			t.Logf("the agent said: %s", a.said.String())
		}
	})
	return a
}

// wait returns the exit code of the agent.
func (a *agentProcess) wait() int {
	a.t.Helper()
	select {
	case <-a.ended:
		return a.cmd.ProcessState.ExitCode()
	case <-time.After(hangs):
		a.t.Fatal("the agent does not end")
		return 0
	}
}

func (a *agentProcess) file(name string) string {
	text, _ := os.ReadFile(filepath.Join(a.workspace, name))
	return strings.TrimSpace(string(text))
}

// until waits for a condition.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(hangs); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// client makes one call at a time.
type client struct {
	t      testing.TB
	stream net.Conn
	frames *frame.Reader
	ch     int
	output strings.Builder
}

func (a *agentProcess) connect() *client {
	a.t.Helper()
	var stream net.Conn
	until(a.t, "the agent listens", func() bool {
		var err error
		stream, err = net.Dial("unix", filepath.Join(a.dir, "agent.sock"))
		return err == nil
	})
	return newClient(a.t, stream)
}

func newClient(t testing.TB, stream net.Conn) *client {
	t.Helper()
	t.Cleanup(func() { _ = stream.Close() })
	c := &client{t: t, stream: stream, frames: frame.NewReader(stream)}
	c.send(frame.Hello, frame.Header{"version": 1})
	if hello := c.next(); hello.Type != frame.Hello {
		t.Fatalf("came %v", hello)
	}
	return c
}

func (c *client) send(kind frame.Type, header frame.Header) {
	c.t.Helper()
	encoded, err := frame.Encode(kind, header, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.stream.Write(encoded); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) next() frame.Frame {
	c.t.Helper()
	_ = c.stream.SetReadDeadline(time.Now().Add(hangs))
	next, err := c.frames.Next()
	if err != nil {
		c.t.Fatal(err)
	}
	return next
}

// try makes a call and returns its result, or the code of its error.
func (c *client) try(op string, fields frame.Header) (any, string) {
	c.t.Helper()
	c.ch++
	header := frame.Header{"ch": c.ch, "op": op}
	for name, value := range fields {
		header[name] = value
	}
	c.send(frame.Call, header)
	for {
		switch next := c.next(); next.Type {
		case frame.Chunk:
			c.output.Write(next.Data)
			c.send(frame.Credit, frame.Header{"ch": c.ch, "bytes": len(next.Data) + 64})
		case frame.OK:
			return next.Header["result"], ""
		case frame.Error:
			return next.Header, next.Header["code"].(string)
		}
	}
}

func (c *client) call(op string, fields frame.Header) map[string]any {
	c.t.Helper()
	result, code := c.try(op, fields)
	if code != "" {
		c.t.Fatalf("%s: %v", op, result)
	}
	object, _ := result.(map[string]any)
	return object
}

func (c *client) start(id, command string) map[string]any {
	c.t.Helper()
	return c.call("start", frame.Header{"exec_id": id, "command": command, "log_limit_mb": 8})
}

// run runs a command to its end and returns what it printed.
func (c *client) run(id, command string) string {
	c.t.Helper()
	c.start(id, command)
	c.output.Reset()
	c.call("read", frame.Header{"exec_id": id, "from": 0})
	return c.output.String()
}

func requireRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("it needs root")
	}
}

// alive says whether a process lives, which is no zombie.
func alive(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	after := string(text[strings.LastIndexByte(string(text), ')')+2:])
	return after[0] != 'Z' && syscall.Kill(pid, 0) == nil
}
