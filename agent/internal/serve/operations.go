package serve

import (
	"onmemos.dev/agent/internal/bounds"
	"onmemos.dev/agent/internal/execs"
	"onmemos.dev/agent/internal/frame"
	"onmemos.dev/agent/internal/protocol"
)

// operate begins an operation, and answers it if it need not wait. What it returns waits and answers.
func (c *connection) operate(op string, one *call) func() {
	f := protocol.FieldsOf(one.frame.Header)
	answer := func(result any, err error) { c.done(one, op, result, err) }
	// later answers by a function that waits, unless a field is wrong.
	later := func(run func() (any, error)) func() {
		if f.Err() != nil {
			answer(nil, f.Err())
			return nil
		}
		return func() { answer(run()) }
	}
	switch op {
	case "ping":
		answer(nil, nil)
		return nil
	case "start":
		return c.start(one, answer)
	case "stdin":
		return c.stdin(one, answer)
	case "get":
		id := f.ExecID()
		return later(func() (any, error) {
			exec, err := c.session.Find(id)
			if err != nil {
				return nil, nil
			}
			return exec.State(), nil
		})
	case "list":
		after := ""
		if f.Has("after") {
			after = f.Text("after")
		}
		return later(func() (any, error) { return c.session.List(after), nil })
	case "read":
		from, follow, reader := f.Whole("from", 0, protocol.MaxWhole), f.Flag("follow", true), ""
		one.credit.add(f.Credit())
		if f.Has("hold") {
			reader = f.ID("hold")
		}
		id := f.ExecID()
		return later(func() (any, error) { return nil, c.read(one, id, from, follow, reader) })
	case "offset_at":
		id, time := f.ExecID(), f.Instant("time")
		return later(func() (any, error) {
			exec, err := c.session.Find(id)
			if err != nil {
				return nil, err
			}
			offset, err := exec.Log().OffsetAt(time)
			return map[string]int64{"offset": offset}, err
		})
	case "wait":
		id := f.ExecID()
		return later(func() (any, error) { return c.wait(one, id) })
	case "signal":
		id, name := f.ExecID(), f.Text("signal")
		return later(func() (any, error) {
			number, err := protocol.SignalOf(name)
			if err != nil {
				return nil, err
			}
			exec, err := c.session.Find(id)
			if err != nil {
				return nil, err
			}
			return value(exec.Signal(number))
		})
	case "resize":
		id, size := f.ExecID(), f.Size()
		return later(func() (any, error) {
			exec, err := c.session.Find(id)
			if err != nil {
				return nil, err
			}
			return nil, exec.Resize(size)
		})
	case "deadline":
		at, generation := f.Whole("at", 0, protocol.MaxWhole), f.Whole("generation", 0, protocol.MaxWhole)
		if f.Err() == nil {
			c.session.SetDeadline(at, generation)
		}
		answer(nil, f.Err())
		return nil
	case "usage":
		return later(func() (any, error) { return c.session.Usage(), nil })
	}
	answer(nil, protocol.Errorf(protocol.NoSuchOp, "there is no operation %s here", op))
	return nil
}

func value(state execs.State, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return state, nil
}

func (c *connection) start(one *call, answer func(any, error)) func() {
	start, err := protocol.ReadStart(one.frame.Header)
	if err != nil {
		answer(nil, err)
		return nil
	}
	run, err := c.session.Start(start)
	if err != nil {
		answer(nil, err)
		return nil
	}
	return func() { answer(value(run())) }
}

// stdin accepts input in the order of its frames, as far as the command has started and takes it.
func (c *connection) stdin(one *call, answer func(any, error)) func() {
	f := protocol.FieldsOf(one.frame.Header)
	id, offset, eof := f.ExecID(), f.Whole("offset", 0, protocol.MaxWhole), f.Flag("eof", false)
	if f.Err() != nil {
		answer(nil, f.Err())
		return nil
	}
	if c.waitingBytes() > bounds.MaxWaitingCallBytes {
		answer(nil, protocol.Errorf(protocol.Unavailable, "too much stdin waits for commands that do not read it"))
		return nil
	}
	try := func(exec *execs.Exec) <-chan struct{} {
		next, again, err := exec.TryStdin(offset, one.frame.Data, eof)
		switch {
		case err != nil:
			answer(nil, err)
		case again == nil:
			answer(map[string]int64{"offset": next}, nil)
		}
		return again
	}
	exec := c.session.FindReady(id)
	var again <-chan struct{}
	if exec != nil {
		if again = try(exec); again == nil {
			return nil
		}
	}
	return func() {
		if exec == nil {
			found, err := c.session.Find(id)
			if err != nil {
				answer(nil, err)
				return
			}
			exec, again = found, try(found)
		}
		for again != nil {
			select {
			case <-again:
			case <-c.closed:
				// The client is gone, so there is no answer.
				return
			}
			again = try(exec)
		}
	}
}

func (c *connection) wait(one *call, id string) (any, error) {
	exec, err := c.session.Find(id)
	if err != nil {
		return nil, err
	}
	select {
	case <-exec.Ended:
		return exec.State(), nil
	case <-one.stop:
		return nil, protocol.Errorf(protocol.Cancelled, "the call was cancelled")
	}
}

// read sends events as far as credit and the connection allow.
func (c *connection) read(one *call, id string, from int64, follow bool, reader string) error {
	exec, err := c.session.Find(id)
	if err != nil {
		return err
	}
	if err := c.session.TakeRead(); err != nil {
		return err
	}
	defer c.session.GiveRead()
	events, err := exec.Read(from, follow)
	if err != nil {
		return err
	}
	held := exec.Log().Hold(reader, from)
	defer held.End()
	for events.Wait(one.stop) {
		if !one.credit.wait(one.stop, events.Release) {
			return nil
		}
		event, err := events.Next()
		if err != nil {
			return err
		}
		if event.Gap {
			c.send(frame.Gap, map[string]int64{"ch": one.ch, "from": event.From, "to": event.To})
		} else {
			c.sendChunk(one.ch, event.From, event.Stream.String(), event.Time, event.Data)
		}
		one.credit.take(int64(len(event.Data)) + bounds.EventCostBytes)
		held.Sent(event.To)
	}
	if one.cancelled() {
		return nil
	}
	if follow {
		select {
		case <-exec.Ended:
		case <-one.stop:
			return nil
		}
	}
	select {
	case <-exec.Ended:
		c.send(frame.Exit, exit{one.ch, exec.State()})
	default:
	}
	return nil
}

type exit struct {
	Ch   int64       `json:"ch"`
	Exec execs.State `json:"exec"`
}
