package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// attachCommand joins its standard streams to the socket of the running agent. It ends when either side does.
func attachCommand(args []string) int {
	f := flag.NewFlagSet("onmemos-agent attach", flag.ContinueOnError)
	dir := f.String("dir", "", dirUsage)
	wait := f.Duration("wait", 10*time.Second, "how long to wait for an agent that is still starting")
	silence := f.Duration("silence", 2*time.Minute, "end where nothing has come from the client for so long: it says "+
		"something every 20 s, and a connection that broke is not always told of")
	if code := parse(f, args); code >= 0 {
		return code
	}
	tried := folders()
	if *dir != "" {
		tried = []string{*dir}
	}
	socket, err := dial(tried, *wait)
	if err != nil {
		return fail(err)
	}
	heard := time.AfterFunc(*silence, func() {
		// What blocks ends with the program.
		os.Exit(fail(fmt.Errorf("nothing came from the client for %s", *silence)))
	})
	go func() {
		_, _ = io.Copy(socket, heardReader{os.Stdin, heard, *silence})
		heard.Stop()
		// The agent answers the end of the input by the end of the connection.
		_ = socket.CloseWrite()
	}()
	if _, err := io.Copy(os.Stdout, socket); err != nil {
		return fail(err)
	}
	return 0
}

// heardReader sets a timer back with all that it reads.
type heardReader struct {
	from  io.Reader
	timer *time.Timer
	after time.Duration
}

func (h heardReader) Read(to []byte) (int, error) {
	n, err := h.from.Read(to)
	h.timer.Reset(h.after)
	return n, err
}

func dial(dirs []string, wait time.Duration) (*net.UnixConn, error) {
	const pause = 20 * time.Millisecond
	end := time.Now().Add(wait)
	for {
		var last error
		for _, dir := range dirs {
			socket, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: socketIn(dir), Net: "unix"})
			if err == nil {
				return socket, nil
			}
			last = err
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("no agent runs here, or it has another user or --dir: %w", last)
		}
		time.Sleep(pause)
	}
}
