// Package usage measures what a session uses, from its own control group. What can't be measured is nil, never a guess.
package usage

import (
	"os"
	"path"
	"strconv"
	"strings"
)

// group is a control group of this process in one hierarchy, as a folder. Above is how many folders up its root is.
type group struct {
	folder string
	above  int
}

// groups are those that a figure is read from. An empty folder: there is none.
type groups struct {
	v2, memory, cpu group
}

// mount is one line of mountinfo that is a hierarchy of control groups.
type mount struct {
	root, point string
	v2          bool
	controllers map[string]bool
}

// findGroups reads the group of this process in each hierarchy. A container may see its own group as the root of the
// mount, or the whole tree of the machine: what is mounted where decides.
func findGroups(fs files) groups {
	mounts := readMounts(fs)
	var found groups
	for _, line := range strings.Split(fs.text("/proc/self/cgroup"), "\n") {
		fields := strings.SplitN(line, ":", 3)
		if len(fields) != 3 {
			continue
		}
		for _, m := range mounts {
			own := locate(m, fields[2])
			switch {
			case own.folder == "":
			case m.v2 && fields[0] == "0" && fields[1] == "":
				found.v2 = own
			case !m.v2 && fields[1] != "" && has(fields[1], "memory") && m.controllers["memory"]:
				found.memory = own
			case !m.v2 && fields[1] != "" && has(fields[1], "cpuacct") && m.controllers["cpuacct"]:
				found.cpu = own
			}
		}
	}
	return found
}

func has(list, name string) bool {
	for _, one := range strings.Split(list, ",") {
		if one == name {
			return true
		}
	}
	return false
}

// locate returns the folder of a group below a mount. A group that the mount does not reach is the mount itself: a
// container's own group is all that is mounted there.
func locate(m mount, own string) group {
	if strings.HasPrefix(own, "/..") {
		// It is outside of the namespace that is mounted.
		return group{}
	}
	below := own
	if m.root != "/" {
		rest, is := strings.CutPrefix(own, m.root)
		if !is || (rest != "" && rest[0] != '/') {
			rest = ""
		}
		below = rest
	}
	below = path.Clean("/" + below)
	if below == "/" {
		return group{m.point, 0}
	}
	return group{m.point + below, strings.Count(below, "/")}
}

func readMounts(fs files) []mount {
	var mounts []mount
	for _, line := range strings.Split(fs.text("/proc/self/mountinfo"), "\n") {
		before, after, is := strings.Cut(line, " - ")
		fields, kind := strings.Fields(before), strings.Fields(after)
		if !is || len(fields) < 5 || len(kind) < 3 || (kind[0] != "cgroup" && kind[0] != "cgroup2") {
			continue
		}
		m := mount{root: fields[3], point: fields[4], v2: kind[0] == "cgroup2", controllers: map[string]bool{}}
		for _, option := range strings.Split(kind[2], ",") {
			m.controllers[option] = true
		}
		mounts = append(mounts, m)
	}
	return mounts
}

// files reads the kernel's files, below a folder in tests.
type files struct{ root string }

func (f files) text(name string) string {
	text, err := os.ReadFile(f.root + name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

func (f files) there(name string) bool {
	_, err := os.Stat(f.root + name)
	return err == nil
}

// number reads a file that holds one number; false where it does not.
func (f files) number(name string) (int64, bool) {
	value, err := strconv.ParseInt(f.text(name), 10, 64)
	return value, err == nil && value >= 0
}

// entry reads one line of a file of names and numbers.
func (f files) entry(name, key string) (int64, bool) {
	for _, line := range strings.Split(f.text(name), "\n") {
		fields := strings.Fields(line)
		if len(fields) == 2 && fields[0] == key {
			value, err := strconv.ParseInt(fields[1], 10, 64)
			return value, err == nil && value >= 0
		}
	}
	return 0, false
}
