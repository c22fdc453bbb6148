package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"onmemos.dev/agent/internal/frame"
)

func (a *agentProcess) cause() map[string]any {
	a.t.Helper()
	text, err := os.ReadFile(a.why)
	if err != nil {
		a.t.Fatal(err)
	}
	var cause map[string]any
	if err := json.Unmarshal(text, &cause); err != nil {
		a.t.Fatalf("%q: %s", text, err)
	}
	return cause
}

// daemons are processes that go their own ways: each writes its number, and what it does at TERM.
var daemons = map[string]string{
	"child":        `sh -c '%s' &`,
	"session":      `setsid sh -c '%s' &`,
	"double-fork":  `(setsid sh -c '%s' &) &`,
	"other-group":  `set -m; sh -c '%s' & set +m;`,
	"ignores-term": `setsid sh -c 'trap "" TERM; echo $$ > ignores-term.pid; while :; do sleep 0.05; done' &`,
}

// startDaemons starts them below one command, and returns their numbers.
func startDaemons(t *testing.T, a *agentProcess, c *client) []int {
	t.Helper()
	var command strings.Builder
	for name, line := range daemons {
		if strings.Contains(line, "%s") {
			line = fmt.Sprintf(line, fmt.Sprintf(
				`trap "echo told > %[1]s.told; exit" TERM; echo $$ > %[1]s.pid; while :; do sleep 0.05; done`, name))
		}
		command.WriteString(line + "\n")
	}
	command.WriteString("exec sleep 1000")
	c.start("daemons", command.String())
	var pids []int
	for name := range daemons {
		until(t, name+" has started", func() bool { return a.file(name+".pid") != "" })
		pid, err := strconv.Atoi(a.file(name + ".pid"))
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

func told(a *agentProcess, t *testing.T) {
	t.Helper()
	for name := range daemons {
		if name != "ignores-term" && a.file(name+".told") != "told" {
			t.Errorf("%s was not told", name)
		}
	}
}

// TERM to the agent is TERM to everything, then KILL; and it is no success.
func TestTermEndsEverything(t *testing.T) {
	a := startAgent(t, nil, "--grace", "1s")
	c := a.connect()
	pids := startDaemons(t, a, c)
	if err := a.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	// The connection lasts until all have ended: what is asked meanwhile is answered.
	state := c.call("wait", frame.Header{"exec_id": "daemons"})
	if state["status"] != "killed" || state["signal"] != "TERM" {
		t.Errorf("%v", state)
	}
	if code := a.wait(); code != exitTerminated {
		t.Errorf("it ended with %d", code)
	}
	if cause := a.cause(); cause["reason"] != "terminated" {
		t.Errorf("%v", cause)
	}
	told(a, t)
	for _, pid := range pids {
		if alive(pid) {
			t.Errorf("%d is left", pid)
		}
	}
	if _, err := os.Stat(a.dir + "/logs"); !os.IsNotExist(err) {
		t.Errorf("the logs are left: %v", err)
	}
}

// Its own deadline is how a session is to end.
func TestADeadlineIsASuccess(t *testing.T) {
	at := time.Now().Add(1500 * time.Millisecond).UnixMilli()
	a := startAgent(t, nil, "--deadline", fmt.Sprint(at), "--generation", "7")
	c := a.connect()
	pids := startDaemons(t, a, c)
	if code := a.wait(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
	cause := a.cause()
	if cause["reason"] != "deadline" || cause["deadline"] != float64(at) || cause["generation"] != 7.0 {
		t.Errorf("%v", cause)
	}
	if late := cause["at"].(float64) - float64(at); late < 0 {
		t.Errorf("it ended %v ms before", -late)
	}
	told(a, t)
	for _, pid := range pids {
		if alive(pid) {
			t.Errorf("%d is left", pid)
		}
	}
}

// A deadline moves both ways; one of an earlier generation is none.
func TestADeadlineMoves(t *testing.T) {
	soon := time.Now().Add(2 * time.Second)
	a := startAgent(t, nil, "--deadline", fmt.Sprint(soon.UnixMilli()), "--generation", "2")
	c := a.connect()
	c.call("deadline", frame.Header{"at": time.Now().Add(time.Hour).UnixMilli(), "generation": 3})
	c.call("deadline", frame.Header{"at": 1, "generation": 2})
	time.Sleep(time.Until(soon) + 100*time.Millisecond)
	if out := c.run("e", "echo lives"); out != "lives\n" {
		t.Errorf("%q", out)
	}
	c.call("deadline", frame.Header{"at": 1, "generation": 3})
	if code := a.wait(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
}

// A TERM that follows an order over the channel is no failure: the pod is deleted after it was told to end.
func TestTermAfterAnOrderIsASuccess(t *testing.T) {
	a := startAgent(t, nil)
	c := a.connect()
	c.start("e", "trap 'echo told > told; sleep 0.5; exit' TERM; echo > ready; while :; do sleep 0.05; done")
	until(t, "it is ready", func() bool { _, err := os.Stat(a.workspace + "/ready"); return err == nil })
	c.call("deadline", frame.Header{"at": 1, "generation": 1})
	until(t, "it is told", func() bool { return a.file("told") == "told" })
	if err := a.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := a.wait(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
}

// Where the agent is killed, nothing that it has started goes on.
func TestNothingOutlivesTheAgent(t *testing.T) {
	a := startAgent(t, nil)
	pids := startDaemons(t, a, a.connect())
	if err := a.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	until(t, "all have ended", func() bool {
		for _, pid := range pids {
			if alive(pid) {
				return false
			}
		}
		return true
	})
}

// As process 1 it is the parent of every process without another parent, also of what others start beside it.
func TestAsProcess1(t *testing.T) {
	requireRoot(t)
	a := startAgent(t, []string{"unshare", "--pid", "--fork", "--kill-child", "--mount-proc"}, "--grace", "1s")
	c := a.connect()
	if out := c.run("own", "cat /proc/1/comm"); !strings.HasPrefix(out, "agent.test") && !strings.HasPrefix(out, "onmemos") {
		t.Errorf("process 1 is %q", out)
	}
	for i := range 100 {
		id := fmt.Sprintf("e%d", i)
		c.start(id, "setsid sh -c '(sleep 0.01; exit 3) &' & exit 7")
		if state := c.call("wait", frame.Header{"exec_id": id}); state["exit_code"] != 7.0 {
			t.Fatalf("%v", state)
		}
	}
	c.start("list", "")
	until(t, "no zombie is left", func() bool {
		_, code := c.try("get", frame.Header{"exec_id": "list"})
		out := c.run(fmt.Sprintf("z%d", c.ch), "grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null; :")
		return code == "" && out == ""
	})
	usage := c.call("usage", nil)
	if processes := usage["processes"]; processes != 0.0 {
		t.Errorf("%v processes run", processes)
	}
	startDaemons(t, a, c)
	if err := syscall.Kill(processOne(t, a.cmd.Process.Pid), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := a.wait(); code != exitTerminated {
		t.Errorf("it ended with %d", code)
	}
	told(a, t)
}

// processOne is the number outside of the namespace of the only child of `unshare`.
func processOne(t *testing.T, parent int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", parent, parent))
	if err != nil {
		t.Skipf("this kernel does not tell children: %s", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}
