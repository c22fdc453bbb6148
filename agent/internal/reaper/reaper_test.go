package reaper

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func shell(t *testing.T, r *Reaper, command string) <-chan syscall.WaitStatus {
	t.Helper()
	_, status, err := r.Start("/bin/sh", []string{"sh", "-c", command}, &syscall.ProcAttr{})
	if err != nil {
		t.Fatal(err)
	}
	return status
}

// zombies counts children of this process that have ended and were not reaped.
func zombies(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, entry := range entries {
		text, err := os.ReadFile("/proc/" + entry.Name() + "/stat")
		if err != nil {
			continue
		}
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) > 1 && fields[0] == "Z" && fields[1] == strconv.Itoa(os.Getpid()) {
			count++
		}
	}
	return count
}

// Each of the commands keeps its code while as many orphans end, and nothing is left to reap.
func TestCodesAreRightBesideOrphans(t *testing.T) {
	const commands, atOnce = 1_000, 40
	if err := AdoptOrphans(); err != nil {
		t.Fatal(err)
	}
	r := New()
	var group sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for range commands {
		places <- struct{}{}
		group.Add(1)
		go func() {
			defer group.Done()
			defer func() { <-places }()
			// Its child outlives it, and has another code.
			orphan := shell(t, r, "sh -c 'exit 3' & exit 5")
			if status := <-shell(t, r, "exit 7"); status.ExitStatus() != 7 {
				t.Errorf("ended with %v", status)
			}
			if status := <-orphan; status.ExitStatus() != 5 {
				t.Errorf("the parent of an orphan ended with %v", status)
			}
		}()
	}
	group.Wait()
	for deadline := time.Now().Add(time.Minute); r.Orphans() < commands || zombies(t) > 0; {
		if time.Now().After(deadline) {
			t.Fatalf("%d orphans were reaped, %d zombies are left", r.Orphans(), zombies(t))
		}
		time.Sleep(10 * time.Millisecond)
	}
	if r.Orphans() != commands {
		t.Errorf("%d orphans, and not %d", r.Orphans(), commands)
	}
	if left := len(r.Started()); left != 0 {
		t.Errorf("%d are still waited for", left)
	}
}
