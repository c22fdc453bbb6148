package supervisor

import (
	"syscall"
	"unsafe"
)

// ended is a child that has ended and is not reaped yet.
type ended struct {
	pid int
	// code is its exit code, or the number of the signal that ended it.
	code     int
	signaled bool
}

// nextEnded waits until a child has ended, and leaves it as it is, so that its number stays its own. False: there is none.
func nextEnded() (ended, bool) {
	const (
		waitAll = 0
		noWait  = 0x1000000
		exited  = 1
	)
	// The kernel's siginfo_t; 128 bytes on every 64-bit Linux.
	var info struct {
		signo, errno, code, _ int32
		pid, uid, status      int32
		_                     [100]byte
	}
	for {
		_, _, errno := syscall.Syscall6(syscall.SYS_WAITID, waitAll, 0, uintptr(unsafe.Pointer(&info)),
			syscall.WEXITED|noWait, 0, 0)
		if errno == syscall.EINTR {
			continue
		}
		if errno != 0 {
			return ended{}, false
		}
		return ended{pid: int(info.pid), code: int(info.status), signaled: info.code != exited}, true
	}
}

// take reaps a child that nextEnded has returned.
func take(pid int) {
	for {
		if _, err := syscall.Wait4(pid, nil, 0, nil); err != syscall.EINTR {
			return
		}
	}
}
