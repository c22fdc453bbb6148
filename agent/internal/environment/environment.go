// Package environment makes the environment of a command.
//
// In a container the environment of its image is the base: the container's runtime has given it to the agent, with
// what the pod sets. From there it is taken whole, but for the variables of the agent itself, those by which
// Kubernetes tells of its API, those of the shell or terminal that started the agent. What the protocol promises and the
// image lacks is filled in; a command's own variables come over all that. The user is the one that the agent runs as,
// which is the image's own.
package environment

import (
	"os"
	"os/user"
	"sort"
	"strconv"
	"strings"
)

// OwnPrefix begins the variables by which the agent itself is set.
const OwnPrefix = "ONMEMOS_AGENT_"

// left out of the image's environment, besides the agent's own: they tell of how the agent was started.
var leftOut = map[string]bool{
	"TERM": true, "PWD": true, "OLDPWD": true, "SHLVL": true, "_": true,
	"GOMAXPROCS": true, "GOMEMLIMIT": true, "GOGC": true, "GODEBUG": true, "GOTRACEBACK": true,
}

const (
	defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	terminal    = "xterm-256color"
)

// Base is what every command of a session has.
type Base struct {
	variables map[string]string
	// gpu is where Google mounts the programs and libraries of a GPU; a test has another folder.
	gpu string
}

// person is who commands run as.
type person struct{ name, home string }

func me() person {
	uid := os.Getuid()
	// The image may have no list of its users, or not this one.
	if found, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return person{found.Username, found.HomeDir}
	}
	if uid == 0 {
		return person{"root", "/root"}
	}
	return person{strconv.Itoa(uid), "/"}
}

// FromImage makes the base of the variables that a container's runtime gave to the agent.
func FromImage(given []string) *Base {
	who := me()
	name, _ := os.Hostname()
	return fromImage(given, who, name)
}

func fromImage(given []string, who person, hostname string) *Base {
	variables := map[string]string{}
	for _, variable := range given {
		name, value, is := strings.Cut(variable, "=")
		if !is || leftOut[name] || strings.HasPrefix(name, OwnPrefix) || strings.HasPrefix(name, "KUBERNETES_") {
			continue
		}
		variables[name] = value
	}
	fill := func(name, value string) {
		if variables[name] == "" && value != "" {
			variables[name] = value
		}
	}
	fill("PATH", defaultPath)
	fill("HOME", who.home)
	fill("USER", who.name)
	fill("LOGNAME", variables["USER"])
	fill("SHELL", "/bin/sh")
	fill("LANG", "C.UTF-8")
	fill("HOSTNAME", hostname)
	return &Base{variables: variables, gpu: "/usr/local/nvidia"}
}

// Home is the home folder of commands.
func (b *Base) Home() string { return b.variables["HOME"] }

// For returns the environment of one command, sorted by name.
func (b *Base) For(own map[string]string, tty bool) []string {
	all := make(map[string]string, len(b.variables)+len(own)+2)
	for name, value := range b.variables {
		all[name] = value
	}
	if tty {
		all["TERM"] = terminal
	}
	for name, value := range own {
		all[name] = value
	}
	b.addGPU(all)
	list := make([]string, 0, len(all))
	for name, value := range all {
		list = append(list, name+"="+value)
	}
	sort.Strings(list)
	return list
}

// addGPU lets a command find the tools and libraries of a GPU, behind its own: the node mounts them, and tells no path.
func (b *Base) addGPU(all map[string]string) {
	if _, err := os.Stat(b.gpu); err != nil {
		return
	}
	all["PATH"] = with(all["PATH"], b.gpu+"/bin")
	all["LD_LIBRARY_PATH"] = with(all["LD_LIBRARY_PATH"], b.gpu+"/lib64")
}

func with(path, folder string) string {
	if path == "" {
		return folder
	}
	for _, one := range strings.Split(path, ":") {
		if one == folder {
			return path
		}
	}
	return path + ":" + folder
}
