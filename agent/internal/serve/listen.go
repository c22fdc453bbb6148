package serve

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// mostPathBytes is what the kernel takes for the path of a socket, with the NUL behind it.
const mostPathBytes = 107

// Listen makes a socket that only this user can open, in a folder that only this user can enter.
func Listen(path string) (net.Listener, error) {
	if len(path) > mostPathBytes {
		return nil, fmt.Errorf("the path of the socket, %s, is longer than %d bytes: choose a shorter --dir", path, mostPathBytes)
	}
	if err := PrivateFolder(filepath.Dir(path)); err != nil {
		return nil, err
	}
	if running, err := net.DialTimeout("unix", path, time.Second); err == nil {
		_ = running.Close()
		return nil, fmt.Errorf("another agent listens on %s already", path)
	}
	// What an agent that was killed has left.
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	return listener, os.Chmod(path, 0o600)
}

// PrivateFolder makes a folder that no other user can enter, or makes one private that is this user's own.
func PrivateFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	owner, known := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !known || int(owner.Uid) != os.Geteuid() {
		return fmt.Errorf("%s is not a folder of this user", path)
	}
	return os.Chmod(path, 0o700)
}

// Accept serves each connection that comes, until the listener is closed.
func (s *Server) Accept(listener net.Listener) {
	for {
		stream, err := listener.Accept()
		if err == nil {
			go s.Serve(stream)
			continue
		}
		if s.isClosed(err) {
			return
		}
		// Something ran out, such as descriptors; connections that end give some back.
		s.Warn("a connection can’t be accepted: %s", err)
		time.Sleep(100 * time.Millisecond)
	}
}

func (s *Server) isClosed(err error) bool {
	operation, is := err.(*net.OpError)
	return is && operation.Err == net.ErrClosed
}
