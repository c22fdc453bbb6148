package execs

import (
	"os"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"onmemos.dev/agent/internal/bounds"
	"onmemos.dev/agent/internal/execlog"
)

// blocks are what output is read into. A stream that has nothing to read has none.
var blocks = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// drain reads a command's streams into its log, no faster than the disk and a holding reader take it.
type drain struct {
	log *execlog.Log
	// reading is held over each read and its place in the log, so that the log has the order of the reads.
	reading  sync.Mutex
	streams  []*stream
	open     int
	arrivals int
	// closed is closed once every stream has come to its end.
	closed chan struct{}
	stop   chan struct{}
	once   sync.Once
}

type stream struct {
	file   *os.File
	number execlog.Stream
	ended  bool
}

func newDrain(log *execlog.Log, files ...*os.File) *drain {
	d := &drain{log: log, open: len(files), closed: make(chan struct{}), stop: make(chan struct{})}
	for i, file := range files {
		d.streams = append(d.streams, &stream{file: file, number: execlog.Stream(i)})
	}
	for _, s := range d.streams {
		go d.follow(s)
	}
	return d
}

func (d *drain) follow(s *stream) {
	raw, err := s.file.SyscallConn()
	for err == nil {
		d.log.Relieved(d.stop)
		ended := false
		err = raw.Read(func(fd uintptr) bool {
			d.reading.Lock()
			defer d.reading.Unlock()
			var there bool
			there, ended = d.take(s, int(fd))
			return there || ended
		})
		if ended {
			break
		}
	}
	d.reading.Lock()
	defer d.reading.Unlock()
	d.end(s)
}

// take reads once. `there` says that something was read.
func (d *drain) take(s *stream, fd int) (there, ended bool) {
	block := blocks.Get().(*[64 << 10]byte)
	defer blocks.Put(block)
	for {
		n, err := syscall.Read(fd, block[:])
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			return false, false
		// A terminal ends by an I/O error.
		case err != nil || n <= 0:
			return false, true
		default:
			d.arrivals++
			d.log.Append(s.number, block[:n])
			return true, false
		}
	}
}

func (d *drain) end(s *stream) {
	if s.ended {
		return
	}
	s.ended = true
	_ = s.file.Close()
	d.open--
	if d.open == 0 {
		close(d.closed)
	}
}

func (d *drain) finished() bool {
	select {
	case <-d.closed:
		return true
	default:
		return false
	}
}

// close reads no more. What still holds a stream, be it in another session that was handed it, holds none of ours.
func (d *drain) close() {
	d.once.Do(func() { close(d.stop) })
	for _, s := range d.streams {
		_ = s.file.Close()
	}
}

// settle is to be called when the command has ended: it returns when all that it wrote is in the log. A process of the
// command's own group that holds a stream may be a filter that is about to write what it has read, so it is waited for,
// though not for long. Other processes do not hold this up. What comes later goes into the log too.
func (d *drain) settle(lingers func() bool) {
	late := time.Now().Add(bounds.OutputGraceMS * time.Millisecond)
	for !d.finished() && time.Now().Before(late) {
		before := d.count()
		select {
		case <-d.closed:
			return
		case <-time.After(bounds.OutputQuietMS * time.Millisecond):
		}
		d.takeRest()
		// Looked for in this order: the last word of a filter is in the pipe before the filter is gone.
		if d.count() == before && !lingers() && d.empty(before) {
			return
		}
	}
	d.takeRest()
}

func (d *drain) count() int {
	d.reading.Lock()
	defer d.reading.Unlock()
	return d.arrivals
}

// takeRest reads what is in the pipes although the log waits for its reader: the command has ended, and can wait no
// longer. No more than a pipe holds comes so.
func (d *drain) takeRest() {
	if !d.log.Waits() {
		return
	}
	d.reading.Lock()
	defer d.reading.Unlock()
	for _, s := range d.streams {
		if s.ended {
			continue
		}
		for left := s.waiting(); left > 0; {
			before := d.log.State().Next
			raw, err := s.file.SyscallConn()
			if err != nil {
				break
			}
			there := false
			_ = raw.Control(func(fd uintptr) { there, _ = d.take(s, int(fd)) })
			if !there {
				break
			}
			left -= int(d.log.State().Next - before)
		}
	}
}

// empty says whether nothing waits to be read, and nothing was read since.
func (d *drain) empty(arrivals int) bool {
	d.reading.Lock()
	defer d.reading.Unlock()
	if d.arrivals != arrivals {
		return false
	}
	for _, s := range d.streams {
		if !s.ended && s.waiting() > 0 {
			return false
		}
	}
	return true
}

// waiting returns how many bytes can be read at once.
func (s *stream) waiting() int {
	raw, err := s.file.SyscallConn()
	if err != nil {
		return 0
	}
	var count int32
	_ = raw.Control(func(fd uintptr) {
		_, _, _ = syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCINQ, uintptr(unsafe.Pointer(&count)))
	})
	return int(count)
}
