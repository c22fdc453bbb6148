package environment

import (
	"os"
	"reflect"
	"testing"
)

var root = person{"root", "/root"}

func TestTheImagesEnvironmentIsTheBase(t *testing.T) {
	base := fromImage([]string{
		"PATH=/opt/conda/bin:/usr/bin", "HOME=/home/me", "CUDA_VERSION=12.4", "LANG=de_DE.UTF-8", "EMPTY=",
		"ONMEMOS_AGENT_SESSION=s", "ONMEMOS_WORKSPACE=ws", "KUBERNETES_SERVICE_HOST=10.0.0.1", "TERM=dumb", "PWD=/x", "SHLVL=1", "_=/x", "GOMAXPROCS=1", "no",
	}, person{"me", "/ignored"}, "pod-1")
	base.gpu = "/no/such/folder"
	want := []string{
		"CUDA_VERSION=12.4", "EMPTY=", "HOME=/home/me", "HOSTNAME=pod-1", "LANG=de_DE.UTF-8", "LOGNAME=me", "ONMEMOS_WORKSPACE=ws",
		"PATH=/opt/conda/bin:/usr/bin", "SHELL=/bin/sh", "USER=me",
	}
	if got := base.For(nil, false); !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	if base.Home() != "/home/me" {
		t.Errorf("home %q", base.Home())
	}
}

func TestWhatTheImageLacksIsFilledIn(t *testing.T) {
	base := fromImage(nil, root, "pod-1")
	base.gpu = "/no/such/folder"
	want := []string{
		"HOME=/root", "HOSTNAME=pod-1", "LANG=C.UTF-8", "LOGNAME=root", "PATH=" + defaultPath, "SHELL=/bin/sh",
		"TERM=xterm-256color", "USER=root",
	}
	if got := base.For(nil, true); !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

func TestTheCommandsOwnComesOverAll(t *testing.T) {
	base := fromImage([]string{"A=image", "B=image"}, root, "")
	base.gpu = "/no/such/folder"
	got := base.For(map[string]string{"A": "own", "TERM": "vt100", "KUBERNETES_X": "own", "PATH": "/own"}, true)
	want := []string{
		"A=own", "B=image", "HOME=/root", "KUBERNETES_X=own", "LANG=C.UTF-8", "LOGNAME=root", "PATH=/own",
		"SHELL=/bin/sh", "TERM=vt100", "USER=root",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

func TestAGPUIsBehindTheUsersOwn(t *testing.T) {
	base := fromImage([]string{"PATH=/image"}, root, "")
	base.gpu = t.TempDir()
	value := func(env []string, name string) string { return os.Expand("${"+name+"}", lookUp(env)) }
	env := base.For(map[string]string{"LD_LIBRARY_PATH": "/mine"}, false)
	if got := value(env, "PATH"); got != "/image:"+base.gpu+"/bin" {
		t.Error(got)
	}
	if got := value(env, "LD_LIBRARY_PATH"); got != "/mine:"+base.gpu+"/lib64" {
		t.Error(got)
	}
	env = base.For(map[string]string{"PATH": base.gpu + "/bin:/a"}, false)
	if got := value(env, "PATH"); got != base.gpu+"/bin:/a" {
		t.Error(got)
	}
	if got := value(env, "LD_LIBRARY_PATH"); got != base.gpu+"/lib64" {
		t.Error(got)
	}
}

func lookUp(env []string) func(string) string {
	return func(name string) string {
		for _, variable := range env {
			if len(variable) > len(name) && variable[:len(name)+1] == name+"=" {
				return variable[len(name)+1:]
			}
		}
		return ""
	}
}
