package usage

import (
	"math"
	"sync"
	"time"
)

// Usage is what the whole session uses. A figure that is nil was not measured.
type Usage struct {
	CPUPercent    *float64 `json:"cpu_percent"`
	MemoryMB      *float64 `json:"memory_mb"`
	MemoryLimitMB *float64 `json:"memory_limit_mb"`
	// DiskMB is always nil: nothing in a container says what its writable layer holds.
	DiskMB    *float64 `json:"disk_mb"`
	Processes *int     `json:"processes"`
}

// noLimitV1 is the least number that means no limit in the first version of control groups.
const noLimitV1 = int64(1) << 62

const mib = 1 << 20

// Two samples closer together than the first don't show the load; a mean since one older than the second would not show
// the present one.
const shortest, longest = 100 * time.Millisecond, time.Minute

// Meter measures.
type Meter struct {
	fs files
	// count returns the number of the session's processes; false where it is not known.
	count func() (int, bool)

	mu   sync.Mutex
	last *sample
}

type sample struct {
	at  time.Time
	cpu time.Duration
}

// New makes a meter of the control group of this process.
func New(count func() (int, bool)) *Meter { return &Meter{count: count} }

// Measure measures now; it may take a moment.
func (m *Meter) Measure() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	groups := findGroups(m.fs)
	usage := Usage{CPUPercent: m.percent(groups)}
	if used, known := m.memory(groups); known {
		usage.MemoryMB = &used
	}
	if limit, known := m.limit(groups); known {
		usage.MemoryLimitMB = &limit
	}
	if count, known := m.count(); known {
		usage.Processes = &count
	}
	return usage
}

func (m *Meter) percent(groups groups) *float64 {
	before := m.last
	if before == nil || time.Since(before.at) > longest {
		before = m.sample(groups)
	}
	if before == nil {
		return nil
	}
	time.Sleep(shortest - time.Since(before.at))
	after := m.sample(groups)
	m.last = after
	if after == nil || !after.at.After(before.at) {
		return nil
	}
	share := float64(after.cpu-before.cpu) / float64(after.at.Sub(before.at))
	percent := math.Max(0, math.Round(share*1000)/10)
	return &percent
}

func (m *Meter) sample(groups groups) *sample {
	if used, known := m.cpu(groups); known {
		return &sample{time.Now(), used}
	}
	return nil
}

func (m *Meter) cpu(groups groups) (time.Duration, bool) {
	if groups.cpu.folder != "" && !m.isMachine(groups.cpu) {
		used, known := m.fs.number(groups.cpu.folder + "/cpuacct.usage")
		return time.Duration(used), known
	}
	if groups.v2.folder != "" && !m.isMachine(groups.v2) {
		used, known := m.fs.entry(groups.v2.folder+"/cpu.stat", "usage_usec")
		return time.Duration(used) * time.Microsecond, known
	}
	return 0, false
}

// isMachine says whether a group is the machine's own, which tells of everything that runs there. In the second version
// it lacks the file of a group's kind; in the first it alone has the agent of released groups.
func (m *Meter) isMachine(g group) bool {
	if m.fs.there(g.folder + "/cgroup.controllers") {
		return !m.fs.there(g.folder + "/cgroup.type")
	}
	return m.fs.there(g.folder + "/release_agent")
}

// memory is the memory in use without the file cache that could be dropped.
func (m *Meter) memory(groups groups) (float64, bool) {
	g, used, cache := groups.memory, "/memory.usage_in_bytes", "total_inactive_file"
	if g.folder == "" {
		g, used, cache = groups.v2, "/memory.current", "inactive_file"
	}
	if g.folder == "" || m.isMachine(g) {
		return 0, false
	}
	bytes, known := m.fs.number(g.folder + used)
	if !known {
		return 0, false
	}
	inactive, _ := m.fs.entry(g.folder+"/memory.stat", cache)
	return megabytes(max(0, bytes-inactive)), true
}

// limit is the tightest limit of the group and of all that it is in, as far as they can be seen.
func (m *Meter) limit(groups groups) (float64, bool) {
	g, file := groups.memory, "/memory.limit_in_bytes"
	if g.folder == "" {
		g, file = groups.v2, "/memory.max"
	}
	if g.folder == "" {
		return 0, false
	}
	least := noLimitV1
	folder := g.folder
	for up := g.above; up >= 0; up-- {
		if limit, known := m.fs.number(folder + file); known {
			least = min(least, limit)
		}
		folder = folder[:max(0, lastSlash(folder))]
	}
	// The first version also tells of groups above that can’t be seen.
	if limit, known := m.fs.entry(g.folder+"/memory.stat", "hierarchical_memory_limit"); known {
		least = min(least, limit)
	}
	// The kernel rounds its largest number down to whole pages.
	return megabytes(least), least < noLimitV1
}

func lastSlash(path string) int {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return i
		}
	}
	return -1
}

func megabytes(bytes int64) float64 { return math.Round(float64(bytes)/mib*10) / 10 }
