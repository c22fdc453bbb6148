package processes

import (
	"syscall"
	"unsafe"
)

func clockGettime(clock int, now *syscall.Timespec) {
	_, _, _ = syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(now)), 0)
}
