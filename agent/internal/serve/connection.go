// Package serve answers the exec protocol over connections to one session.
package serve

import (
	"errors"
	"io"
	"net"
	"strconv"
	"sync"

	"onmemos.dev/agent/internal/bounds"
	"onmemos.dev/agent/internal/frame"
	"onmemos.dev/agent/internal/protocol"
	"onmemos.dev/agent/internal/session"
)

// Server is what connections are served for.
type Server struct {
	Session *session.Session
	// Name is the session's name in a hello; empty where no hello needs to name it.
	Name string
	// Warn writes a line into the agent's own log.
	Warn func(format string, args ...any)

	mu   sync.Mutex
	open map[*connection]bool
}

// connection is one peer, from its hello on.
type connection struct {
	server  *Server
	session *session.Session
	stream  io.ReadWriteCloser
	// writing is held for each frame.
	writing sync.Mutex
	// closed is closed once the peer is gone: nothing that is still open can be answered.
	closed chan struct{}

	mu        sync.Mutex
	calls     map[int64]*call
	callBytes int
}

// call is one operation that is not answered yet.
type call struct {
	ch    int64
	frame frame.Frame
	// stop is closed when it is cancelled, or its connection has ended.
	stop   chan struct{}
	once   sync.Once
	credit *credit
}

func (c *call) cancel() { c.once.Do(func() { close(c.stop) }) }

func (c *call) cancelled() bool {
	select {
	case <-c.stop:
		return true
	default:
		return false
	}
}

// Serve serves one connection until it ends.
func (s *Server) Serve(stream io.ReadWriteCloser) {
	c := &connection{
		server: s, session: s.Session, stream: stream, closed: make(chan struct{}), calls: map[int64]*call{},
	}
	s.mu.Lock()
	if s.open == nil {
		s.open = map[*connection]bool{}
	}
	s.open[c] = true
	s.mu.Unlock()
	c.run()
	_ = stream.Close()
	close(c.closed)
	c.mu.Lock()
	for _, one := range c.calls {
		one.cancel()
	}
	c.mu.Unlock()
	s.mu.Lock()
	delete(s.open, c)
	s.mu.Unlock()
}

// Connections returns how many connections are open.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// Close ends every connection.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		_ = c.stream.Close()
	}
}

// run reads frames until the connection ends, or the peer does not keep to the protocol.
func (c *connection) run() {
	frames := frame.NewReader(c.stream)
	first, err := frames.Next()
	if err != nil {
		return
	}
	version, err := c.greet(first)
	if err != nil {
		c.send(frame.Error, c.told(err, "hello").Fields(0))
		return
	}
	c.send(frame.Hello, map[string]any{"version": version})
	for {
		next, err := frames.Next()
		if err != nil {
			return
		}
		if !c.take(next) {
			return
		}
	}
}

func (c *connection) greet(first frame.Frame) (int64, error) {
	if first.Type != frame.Hello {
		return 0, protocol.Errorf(protocol.Invalid, "the first frame is not a hello")
	}
	version, err := protocol.Agree(first.Header)
	if err != nil {
		return 0, err
	}
	f := protocol.FieldsOf(first.Header)
	if f.Has("session") {
		named := f.Text("session")
		if f.Err() != nil {
			return 0, f.Err()
		}
		if named != c.server.Name {
			return 0, protocol.Errorf(protocol.NoSuchSession, "there is no such session here")
		}
	}
	select {
	case <-c.session.Ending:
		return 0, protocol.Errorf(protocol.NoSuchSession, "the session is ending")
	default:
		return version, nil
	}
}

// take begins what a frame asks for. False where the connection has to end.
func (c *connection) take(next frame.Frame) bool {
	switch next.Type {
	case frame.Call:
		return c.begin(next)
	case frame.Cancel, frame.Credit:
		f := protocol.FieldsOf(next.Header)
		ch := f.Whole("ch", 0, protocol.MaxWhole)
		if f.Err() != nil {
			return false
		}
		c.mu.Lock()
		open := c.calls[ch]
		c.mu.Unlock()
		if next.Type == frame.Cancel {
			if open != nil {
				open.cancel()
			}
			return true
		}
		bytes := f.Whole("bytes", 0, protocol.MaxWhole)
		if open != nil {
			open.credit.add(bytes)
		}
		return open == nil || f.Err() == nil
	}
	// Any other frame is sent by a server only.
	return true
}

func (c *connection) begin(next frame.Frame) bool {
	f := protocol.FieldsOf(next.Header)
	one := &call{ch: f.Whole("ch", 1, protocol.MaxWhole), frame: next, stop: make(chan struct{}), credit: newCredit()}
	op := f.Text("op")
	if f.Err() != nil {
		return false
	}
	c.mu.Lock()
	_, used := c.calls[one.ch]
	if used || len(c.calls) >= bounds.MaxOpenCalls {
		c.mu.Unlock()
		return false
	}
	c.calls[one.ch] = one
	c.callBytes += next.Size
	c.mu.Unlock()
	// What has an order begins here, before the next frame is read; what waits goes on by itself.
	wait := c.operate(op, one)
	if wait == nil {
		return true
	}
	go wait()
	return true
}

func (c *connection) waitingBytes() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.callBytes
}

// done ends a call with its one answer.
func (c *connection) done(one *call, op string, result any, err error) {
	c.mu.Lock()
	delete(c.calls, one.ch)
	c.callBytes -= one.frame.Size
	c.mu.Unlock()
	if err != nil {
		c.send(frame.Error, c.told(err, op).Fields(one.ch))
		return
	}
	c.send(frame.OK, answer{one.ch, result})
}

type answer struct {
	Ch     int64 `json:"ch"`
	Result any   `json:"result"`
}

// told returns what the other side is told of an error.
func (c *connection) told(err error, op string) *protocol.Error {
	var told *protocol.Error
	if errors.As(err, &told) {
		return told
	}
	c.server.Warn("%s: %s", op, err)
	return protocol.Errorf(protocol.Internal, "the operation failed; the log of the agent says why")
}

func (c *connection) send(kind frame.Type, header any) {
	encoded, err := frame.Encode(kind, header, nil)
	if err != nil {
		c.server.Warn("a frame of type %d can’t be sent: %s", kind, err)
		_ = c.stream.Close()
		return
	}
	c.write(net.Buffers{encoded})
}

// sendChunk sends output, which it does not copy.
func (c *connection) sendChunk(ch, seq int64, stream string, time int64, data []byte) {
	header := make([]byte, 0, 96)
	header = append(header, `{"ch":`...)
	header = strconv.AppendInt(header, ch, 10)
	header = append(header, `,"seq":`...)
	header = strconv.AppendInt(header, seq, 10)
	header = append(header, `,"stream":"`...)
	header = append(header, stream...)
	header = append(header, `","time":`...)
	header = strconv.AppendInt(header, time, 10)
	header = append(header, '}')
	prefix := frame.AppendPrefix(make([]byte, 0, bounds.PrefixBytes+len(header)), frame.Chunk, len(header), len(data))
	c.write(net.Buffers{append(prefix, header...), data})
}

// write writes one frame. A connection that can't be written to has ended.
func (c *connection) write(pieces net.Buffers) {
	c.writing.Lock()
	defer c.writing.Unlock()
	if _, err := pieces.WriteTo(c.stream); err != nil {
		_ = c.stream.Close()
	}
}
