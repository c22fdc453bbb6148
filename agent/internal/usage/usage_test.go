package usage

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// tree writes the kernel's files of a machine below a new folder.
func tree(t *testing.T, given map[string]string) *Meter {
	t.Helper()
	root := t.TempDir()
	for name, text := range given {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return &Meter{fs: files{root}, count: func() (int, bool) { return 3, true }}
}

const none = -1

func shown(figure *float64) float64 {
	if figure == nil {
		return none
	}
	return *figure
}

const (
	mountV2      = "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup rw"
	mountMemory  = "31 24 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"
	mountCPU     = "32 24 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct"
	mountUnified = "33 24 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw"
	sentinel     = "9223372036854771712"
	gib          = "1073741824"
)

func TestMemoryOfOneGroup(t *testing.T) {
	for name, vector := range map[string]struct {
		given       map[string]string
		used, limit float64
	}{
		"version 2, a namespace of its own": {map[string]string{
			"/proc/self/cgroup":                 "0::/",
			"/proc/self/mountinfo":              mountV2,
			"/sys/fs/cgroup/cgroup.controllers": "memory",
			"/sys/fs/cgroup/cgroup.type":        "domain",
			"/sys/fs/cgroup/memory.current":     "209715200",
			"/sys/fs/cgroup/memory.stat":        "anon 1\ninactive_file 104857600",
			"/sys/fs/cgroup/memory.max":         gib,
		}, 100, 1024},
		"version 2, the tree of the machine; the pod's limit is tighter": {map[string]string{
			"/proc/self/cgroup":                                  "0::/kubepods/pod1/c1",
			"/proc/self/mountinfo":                               mountV2,
			"/sys/fs/cgroup/cgroup.controllers":                  "memory",
			"/sys/fs/cgroup/kubepods/memory.max":                 "max",
			"/sys/fs/cgroup/kubepods/pod1/memory.max":            "536870912",
			"/sys/fs/cgroup/kubepods/pod1/c1/cgroup.controllers": "memory",
			"/sys/fs/cgroup/kubepods/pod1/c1/cgroup.type":        "domain",
			"/sys/fs/cgroup/kubepods/pod1/c1/memory.current":     "52428800",
			"/sys/fs/cgroup/kubepods/pod1/c1/memory.stat":        "inactive_file 0",
			"/sys/fs/cgroup/kubepods/pod1/c1/memory.max":         "max",
		}, 50, 512},
		"version 2, the machine's own group is no session's": {map[string]string{
			"/proc/self/cgroup":                 "0::/",
			"/proc/self/mountinfo":              mountV2,
			"/sys/fs/cgroup/cgroup.controllers": "memory",
			"/sys/fs/cgroup/memory.current":     "209715200",
		}, none, none},
		"version 1, the container's own group is mounted": {map[string]string{
			"/proc/self/cgroup":                           "4:memory:/docker/abc\n0::/docker/abc",
			"/proc/self/mountinfo":                        "31 24 0:27 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory",
			"/sys/fs/cgroup/memory/memory.usage_in_bytes": "209715200",
			"/sys/fs/cgroup/memory/memory.stat":           "inactive_file 1\ntotal_inactive_file 104857600\nhierarchical_memory_limit " + gib,
			"/sys/fs/cgroup/memory/memory.limit_in_bytes": sentinel,
		}, 100, 1024},
		"version 1, the tree of the machine, without a limit": {map[string]string{
			"/proc/self/cgroup":                                   "4:memory:/user/s1",
			"/proc/self/mountinfo":                                mountMemory,
			"/sys/fs/cgroup/memory/release_agent":                 "",
			"/sys/fs/cgroup/memory/memory.limit_in_bytes":         sentinel,
			"/sys/fs/cgroup/memory/user/s1/memory.usage_in_bytes": "10485760",
			"/sys/fs/cgroup/memory/user/s1/memory.limit_in_bytes": sentinel,
			"/sys/fs/cgroup/memory/user/s1/memory.stat":           "hierarchical_memory_limit " + sentinel,
		}, 10, none},
		"version 1, the machine's own group is no session's": {map[string]string{
			"/proc/self/cgroup":                           "4:memory:/",
			"/proc/self/mountinfo":                        mountMemory,
			"/sys/fs/cgroup/memory/release_agent":         "",
			"/sys/fs/cgroup/memory/memory.usage_in_bytes": "209715200",
			"/sys/fs/cgroup/memory/memory.limit_in_bytes": sentinel,
		}, none, none},
		"hybrid: the controllers are in version 1": {map[string]string{
			"/proc/self/cgroup":                               "4:memory:/pod\n3:cpu,cpuacct:/pod\n0::/pod",
			"/proc/self/mountinfo":                            mountUnified + "\n" + mountMemory + "\n" + mountCPU,
			"/sys/fs/cgroup/unified/pod/cgroup.controllers":   "",
			"/sys/fs/cgroup/unified/pod/cgroup.type":          "domain",
			"/sys/fs/cgroup/memory/pod/memory.usage_in_bytes": "20971520",
			"/sys/fs/cgroup/memory/pod/memory.limit_in_bytes": gib,
		}, 20, 1024},
		"nothing is shown": {map[string]string{"/proc/self/cgroup": "", "/proc/self/mountinfo": ""}, none, none},
		"a group outside of what is mounted": {map[string]string{
			"/proc/self/cgroup":             "0::/../other",
			"/proc/self/mountinfo":          mountV2,
			"/sys/fs/cgroup/memory.current": "209715200",
		}, none, none},
	} {
		t.Run(name, func(t *testing.T) {
			usage := tree(t, vector.given).Measure()
			if got := shown(usage.MemoryMB); got != vector.used {
				t.Errorf("%v MB are used, and not %v", got, vector.used)
			}
			if got := shown(usage.MemoryLimitMB); got != vector.limit {
				t.Errorf("the limit is %v MB, and not %v", got, vector.limit)
			}
			if usage.Processes == nil || *usage.Processes != 3 || usage.DiskMB != nil {
				t.Errorf("%+v", usage)
			}
		})
	}
}

func TestCPUIsTheMeanSinceTheLastLook(t *testing.T) {
	for name, given := range map[string]struct {
		files        map[string]string
		counter, one string
	}{
		"version 1": {map[string]string{
			"/proc/self/cgroup":    "3:cpu,cpuacct:/pod",
			"/proc/self/mountinfo": mountCPU,
		}, "/sys/fs/cgroup/cpu,cpuacct/pod/cpuacct.usage", "%d000000"},
		"version 2": {map[string]string{
			"/proc/self/cgroup":                     "0::/pod",
			"/proc/self/mountinfo":                  mountV2,
			"/sys/fs/cgroup/pod/cgroup.controllers": "cpu",
			"/sys/fs/cgroup/pod/cgroup.type":        "domain",
		}, "/sys/fs/cgroup/pod/cpu.stat", "usage_usec %d000\nuser_usec 1"},
	} {
		t.Run(name, func(t *testing.T) {
			m := tree(t, given.files)
			if usage := m.Measure(); usage.CPUPercent != nil {
				t.Errorf("%v percent of nothing", *usage.CPUPercent)
			}
			write(t, m, given.counter, given.one, 1_000)
			if usage := m.Measure(); shown(usage.CPUPercent) != 0 {
				t.Errorf("%v percent of an idle one", shown(usage.CPUPercent))
			}
			// As if it had used two CPUs since a second ago.
			m.last.at = time.Now().Add(-time.Second)
			write(t, m, given.counter, given.one, 3_000)
			if got := shown(m.Measure().CPUPercent); got < 100 || got > 200 {
				t.Errorf("%v percent of two CPUs", got)
			}
			// What is long ago does not count.
			m.last.at = time.Now().Add(-time.Hour)
			if got := shown(m.Measure().CPUPercent); got != 0 {
				t.Errorf("%v percent of an idle one", got)
			}
		})
	}
}

func write(t *testing.T, m *Meter, name, format string, value int) {
	t.Helper()
	path := filepath.Join(m.fs.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, fmt.Appendf(nil, format+"\n", value), 0o644); err != nil {
		t.Fatal(err)
	}
}
