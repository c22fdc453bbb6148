package processes

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

func TestBelowIsEverythingThatDescends(t *testing.T) {
	own := os.Getpid()
	all := []Process{
		{PID: 10, Parent: 1}, {PID: 11, Parent: 10}, {PID: 12, Parent: 11}, {PID: 13, Parent: 12, ended: true},
		{PID: 14, Parent: 13}, {PID: 20, Parent: 1}, {PID: 1, Parent: 0},
	}
	found := map[int]bool{}
	for _, process := range below(10, all) {
		found[process.PID] = true
	}
	if len(found) != 3 || !found[11] || !found[12] || !found[14] {
		t.Errorf("%v", found)
	}
	if torn(all) || !torn(append(all, Process{PID: 30, Parent: 29})) {
		t.Error("a parent that was not seen is not noticed")
	}
	cmd := exec.Command("sh", "-c", "sleep 1000 & wait")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		mine, err := Below(own)
		if err != nil {
			t.Fatal(err)
		}
		if len(mine) == 2 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%v", mine)
		}
	}
	if !KillAll(func() ([]Process, error) { return Below(own) }, nil, time.Minute) {
		t.Error("something is left")
	}
}

// A process whose first thread has ended runs on; one that is a zombie does not.
func TestWhatHasEnded(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if found, there := read(cmd.Process.Pid); !there || found.Ended() {
			break
		}
		if time.Now().After(end) {
			t.Fatal("it does not end")
		}
	}
	zombie, there := read(cmd.Process.Pid)
	if !there || !zombie.Ended() || zombie.Signal(syscall.SIGTERM) {
		t.Errorf("%v, %+v", there, zombie)
	}
	_ = cmd.Wait()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("it needs Python for a process whose first thread ends")
	}
	threads := exec.Command(python, "-c", `
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(1000,)).start()
print(flush=True)
ctypes.CDLL(None).pthread_exit(None)
`)
	out, _ := threads.StdoutPipe()
	if err := threads.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = out.Read(make([]byte, 1))
	time.Sleep(100 * time.Millisecond)
	if found, there := read(threads.Process.Pid); !there || found.Ended() || !found.Signal(syscall.SIGKILL) {
		t.Errorf("%v, %+v", there, found)
	}
	_ = threads.Wait()
}
