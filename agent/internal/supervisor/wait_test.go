package supervisor

import (
	"syscall"
	"testing"
)

func TestAnEndedChildIsSeenBeforeItIsReaped(t *testing.T) {
	for command, want := range map[string]ended{
		"exit 7":     {code: 7},
		"kill -9 $$": {code: 9, signaled: true},
	} {
		pid, err := syscall.ForkExec("/bin/sh", []string{"sh", "-c", command}, &syscall.ProcAttr{})
		if err != nil {
			t.Fatal(err)
		}
		for {
			found, any := nextEnded()
			if !any {
				t.Fatal("there is no child")
			}
			if found.pid == pid {
				want.pid = pid
				if found != want {
					t.Errorf("%+v, and not %+v", found, want)
				}
				take(pid)
				break
			}
			take(found.pid)
		}
	}
}
