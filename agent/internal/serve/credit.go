package serve

import (
	"math"
	"sync"
)

// credit is what a reader is ready to take. A sender may send while it is above zero; its last frame may exceed it.
type credit struct {
	mu      sync.Mutex
	balance int64
	more    chan struct{}
}

func newCredit() *credit { return &credit{} }

func (c *credit) add(bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.balance > math.MaxInt64/2 {
		return
	}
	c.balance += bytes
	if c.balance > 0 && c.more != nil {
		close(c.more)
		c.more = nil
	}
}

func (c *credit) take(bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.balance -= bytes
}

// wait waits until there is some. It calls `idle` before it has to wait. False where `stop` was closed before.
func (c *credit) wait(stop <-chan struct{}, idle func()) bool {
	for {
		c.mu.Lock()
		if c.balance > 0 {
			c.mu.Unlock()
			return true
		}
		if c.more == nil {
			c.more = make(chan struct{})
		}
		more := c.more
		c.mu.Unlock()
		idle()
		select {
		case <-more:
		case <-stop:
			return false
		}
	}
}
