package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"onmemos.dev/agent/internal/frame"
)

// Where the kernel ends one process and not the whole group, as control groups v1 do, a command that eats all memory ends
// by KILL, and the session lives.
func TestACommandThatEatsAllMemoryEndsAlone(t *testing.T) {
	requireRoot(t)
	if raceDetector {
		t.Skip("the race detector takes more memory than the group has")
	}
	group := fmt.Sprintf("/sys/fs/cgroup/memory/onmemos-agent-test-%d", os.Getpid())
	if err := os.Mkdir(group, 0o755); err != nil {
		t.Skipf("it needs a memory group of version 1: %s", err)
	}
	t.Cleanup(func() { until(t, "the group is removed", func() bool { return os.Remove(group) == nil }) })
	if err := os.WriteFile(filepath.Join(group, "memory.limit_in_bytes"), []byte("134217728"), 0o644); err != nil {
		t.Skipf("it needs a memory group of version 1: %s", err)
	}
	a := startAgent(t, []string{"sh", "-c", `echo 0 > "$0/cgroup.procs"; exec "$@"`, group})
	t.Cleanup(func() { _ = a.cmd.Process.Kill(); <-a.ended })
	c := a.connect()
	for i := range 20 {
		id := fmt.Sprint("e", i)
		c.call("start", frame.Header{"exec_id": id, "argv": []string{"tail", "/dev/zero"}, "log_limit_mb": 1})
		state := c.call("wait", frame.Header{"exec_id": id})
		if state["status"] != "killed" || state["signal"] != "KILL" {
			t.Fatalf("%v", state)
		}
	}
	if usage := c.call("usage", nil); usage["memory_limit_mb"] != 128.0 {
		t.Errorf("%v", usage)
	}
}
