package main

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onmemos.dev/agent/internal/frame"
)

// Where memory runs out, the kernel ends a command before the agent and its supervisors.
func TestCommandsAreOfferedToTheKernelFirst(t *testing.T) {
	a := startAgent(t, nil)
	c := a.connect()
	own, err := os.ReadFile("/proc/self/oom_score_adj")
	if err != nil {
		t.Fatal(err)
	}
	out := c.run("e", "cat /proc/self/oom_score_adj; p=$PPID; cat /proc/$p/oom_score_adj; "+
		"cat /proc/$(sed -n 's/^PPid:.//p' /proc/$p/status)/oom_score_adj")
	if want := "1000\n" + string(own) + string(own); out != want {
		t.Errorf("the command, its supervisor and the agent have %q, and not %q", out, want)
	}
}

func TestOnlyItsUserReachesTheAgent(t *testing.T) {
	a := startAgent(t, nil)
	a.connect()
	for path, want := range map[string]os.FileMode{
		a.dir: 0o700, filepath.Join(a.dir, "agent.sock"): 0o600, filepath.Join(a.dir, "logs"): 0o700,
	} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	second := exec.Command(self(t), "serve", "--dir", a.dir, "--workspace", a.workspace)
	if text, err := second.CombinedOutput(); err == nil || !strings.Contains(string(text), "another agent") {
		t.Errorf("a second agent: %s, %v", text, err)
	}
	// The first one still serves.
	a.connect().call("ping", nil)
}

func TestAnAgentTakesThePlaceOfOneThatWasKilled(t *testing.T) {
	a := startAgent(t, nil)
	if out := a.connect().run("e", "echo one"); out != "one\n" {
		t.Fatalf("%q", out)
	}
	_ = a.cmd.Process.Kill()
	<-a.ended
	next := exec.Command(self(t), "serve", "--dir", a.dir, "--workspace", a.workspace)
	if err := next.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = next.Process.Kill()
		_ = next.Wait()
	}()
	c := a.connect()
	if _, code := c.try("wait", frame.Header{"exec_id": "e"}); code != "no_such_exec" {
		t.Errorf("%q", code)
	}
	if out := c.run("e", "echo two"); out != "two\n" {
		t.Errorf("%q", out)
	}
}

// A hello that names another session is refused, one that names this session or none is not.
func TestASessionHasItsName(t *testing.T) {
	a := startAgent(t, nil, "--session", "oms-ses-1")
	a.connect()
	for named, want := range map[string]frame.Type{"oms-ses-1": frame.Hello, "oms-ses-2": frame.Error} {
		stream, err := net.Dial("unix", filepath.Join(a.dir, "agent.sock"))
		if err != nil {
			t.Fatal(err)
		}
		hello, _ := frame.Encode(frame.Hello, frame.Header{"version": 1, "session": named}, nil)
		if _, err := stream.Write(hello); err != nil {
			t.Fatal(err)
		}
		if answer, err := frame.NewReader(stream).Next(); err != nil || answer.Type != want {
			t.Errorf("%s: %v, %v", named, answer, err)
		}
		_ = stream.Close()
	}
}

// attached is the stream of an `attach`.
type attached struct {
	net.Conn
	in  io.WriteCloser
	out io.Reader
}

func (a attached) Read(to []byte) (int, error)    { return a.out.Read(to) }
func (a attached) Write(from []byte) (int, error) { return a.in.Write(from) }
func (a attached) Close() error                   { return a.in.Close() }

func TestAttachJoinsItsStreams(t *testing.T) {
	a := startAgent(t, nil)
	// It waits for an agent that is still starting.
	cmd := exec.Command(self(t), "attach", "--dir", a.dir)
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pipe, _ := net.Pipe()
	c := newClient(t, attached{pipe, in, out})
	if got := c.run("e", "head -c 3000000 /dev/zero; echo end"); len(got) != 3_000_004 {
		t.Errorf("%d bytes came", len(got))
	}
	// What goes on does so without it.
	c.start("f", "sleep 0.3; echo later > later")
	_ = in.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("attach ended with %v", err)
	}
	until(t, "the command goes on", func() bool { return a.file("later") == "later" })
}

// A client says something every 20 s. Without a word from it the client is gone, though no call has told of it.
func TestAttachEndsWhereNobodyIsThere(t *testing.T) {
	a := startAgent(t, nil)
	cmd := exec.Command(self(t), "attach", "--dir", a.dir, "--silence", "500ms")
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pipe, _ := net.Pipe()
	c := newClient(t, attached{pipe, in, out})
	for range 5 {
		time.Sleep(200 * time.Millisecond)
		c.call("ping", nil)
	}
	// Its output is full and stays so, which must not keep it either.
	c.call("start", frame.Header{"exec_id": "e", "command": "head -c 3000000 /dev/zero", "log_limit_mb": 8})
	c.send(frame.Call, frame.Header{"ch": 1000, "op": "read", "exec_id": "e", "from": 0})
	if err := cmd.Wait(); err == nil || !strings.Contains(said.String(), "nothing came") {
		t.Errorf("it ended with %v, and said %q", err, said.String())
	}
	a.connect().call("ping", nil)
}

func TestAttachSaysThatNoAgentRuns(t *testing.T) {
	cmd := exec.Command(self(t), "attach", "--dir", t.TempDir(), "--wait", "50ms")
	if text, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(text), "no agent runs here") {
		t.Errorf("%s, %v", text, err)
	}
}

func TestSettingsComeFromTheEnvironmentToo(t *testing.T) {
	a := startAgent(t, []string{"env", "ONMEMOS_AGENT_SESSION=from-env", "ONMEMOS_AGENT_WORKSPACE=/ignored"})
	c := a.connect()
	if out := c.run("e", "pwd; env | grep -c ONMEMOS_AGENT_"); out != a.workspace+"\n0\n" {
		t.Errorf("%q", out)
	}
	for line, want := range map[string]string{
		"serve --no-such-flag": "no-such-flag", "serve extra": "extra", "serve --hold-wait 0s": "--hold-wait", "install": "DIR",
		"nothing": "nothing",
	} {
		cmd := exec.Command(self(t), strings.Fields(line)...)
		text, _ := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != exitUsage || !strings.Contains(string(text), want) {
			t.Errorf("%s: %d, %s", line, cmd.ProcessState.ExitCode(), text)
		}
	}
	broken := exec.Command(self(t), "serve")
	broken.Env = append(os.Environ(), "ONMEMOS_AGENT_DEADLINE=soon")
	if text, _ := broken.CombinedOutput(); broken.ProcessState.ExitCode() != exitUsage ||
		!strings.Contains(string(text), "ONMEMOS_AGENT_DEADLINE") {
		t.Errorf("%s", text)
	}
}
