// Command oracle loads Compose files with compose-go, the reference implementation, the way docker compose does, so that
// tests and benchmarks can hold our loader against it.
//
//	oracle -f compose.yaml        loads once (a whole process, as a peer to time against)
//	oracle serve                  reads one JSON request a line, writes one JSON answer a line
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/sirupsen/logrus"
	"go.yaml.in/yaml/v4"
)

type request struct {
	Dir      string            `json:"dir"`
	Files    []string          `json:"files"`
	Env      map[string]string `json:"env"`
	Profiles []string          `json:"profiles"`
	Args     []string          `json:"args"`
	Mode     string            `json:"mode"`
	Quiet    bool              `json:"quiet"`  // no tree in the answer: timing only
	Repeat   int               `json:"repeat"` // load so often; micros is the fastest
	Text     bool              `json:"text"`   // the texts of docker compose config in the answer
}

type answer struct {
	Status   string   `json:"status"`
	Tree     any      `json:"tree,omitempty"`
	Error    string   `json:"error,omitempty"`
	Warnings []string `json:"warnings"`
	Micros   int64    `json:"micros"`

	YAML   string            `json:"yaml,omitempty"` // what config prints, with every $ doubled
	JSON   string            `json:"json,omitempty"`
	Hashes map[string]string `json:"hashes,omitempty"` // of services; config --hash
}

func has(list []string, word string) bool {
	for _, item := range list {
		if item == word {
			return true
		}
	}
	return false
}

func options(r request) (*cli.ProjectOptions, error) {
	environment := []string{}
	for key, value := range r.Env {
		environment = append(environment, key+"="+value)
	}
	sort.Strings(environment)
	return cli.NewProjectOptions(r.Files,
		cli.WithInterpolation(!has(r.Args, "-no-interpolate")),
		cli.WithResolvedPaths(true),
		cli.WithNormalization(!has(r.Args, "-no-normalize")),
		cli.WithConsistency(!has(r.Args, "-no-consistency")),
		cli.WithDiscardEnvFile,
		cli.WithEnv(environment),
		cli.WithEnvFiles(),
		cli.WithDotEnv,
		cli.WithConfigFileEnv,
		cli.WithDefaultConfigPath,
		cli.WithEnvFiles(),
		cli.WithDotEnv,
		cli.WithDefaultProfiles(r.Profiles...),
	)
}

func loadProject(r request) (*types.Project, error) {
	o, err := options(r)
	if err != nil {
		return nil, err
	}
	project, err := o.LoadProject(context.Background())
	if err != nil {
		return nil, err
	}
	if project, err = project.WithServicesEnabled(); err != nil {
		return nil, err
	}
	if project, err = project.WithServicesEnvironmentResolved(true); err != nil {
		return nil, err
	}
	project = project.WithoutUnnecessaryResources()
	if !has(r.Args, "-no-consistency") {
		if err := project.CheckContainerNameUnicity(); err != nil {
			return nil, err
		}
	}
	return project, nil
}

func tree(project *types.Project) (any, error) {
	text, err := project.MarshalYAML()
	if err != nil {
		return nil, err
	}
	var out any
	err = yaml.Unmarshal(text, &out)
	return out, err
}

// Adds what docker compose config prints of a project in its several forms.
func addTexts(a *answer, project *types.Project) error {
	text, err := project.MarshalYAML()
	if err != nil {
		return err
	}
	a.YAML = strings.ReplaceAll(string(text), "$", "$$")
	if text, err = project.MarshalJSON(); err == nil { // refuses ssh keys with a path
		a.JSON = strings.ReplaceAll(string(text), "$", "$$")
	}
	a.Hashes = map[string]string{}
	for name, service := range project.Services {
		if a.Hashes[name], err = serviceHash(service); err != nil {
			return err
		}
	}
	return nil
}

// docker compose's hash of a service: over everything that a container is made with.
func serviceHash(s types.ServiceConfig) (string, error) {
	s.Build, s.PullPolicy, s.Scale, s.DependsOn, s.Profiles = nil, "", nil, nil, nil
	if s.Deploy != nil {
		s.Deploy.Replicas = nil
	}
	text, err := json.Marshal(s)
	return fmt.Sprintf("%x", sha256.Sum256(text)), err
}

func load(r request) (a answer) {
	log := &bytes.Buffer{}
	logrus.SetOutput(log)
	logrus.SetFormatter(&logrus.TextFormatter{DisableColors: true, DisableTimestamp: true})
	defer func() {
		if p := recover(); p != nil {
			a = answer{Status: "panic", Error: strings.SplitN(fmt.Sprint(p), "\n", 2)[0]}
		}
		for _, line := range strings.Split(strings.TrimSpace(log.String()), "\n") {
			if line != "" {
				a.Warnings = append(a.Warnings, line)
			}
		}
		sort.Strings(a.Warnings)
	}()
	repeat := r.Repeat
	if repeat < 1 {
		repeat = 1
	}
	if err := os.Chdir(r.Dir); err != nil {
		return answer{Status: "error", Error: err.Error()}
	}
	var project *types.Project
	for i := 0; i < repeat; i++ {
		start := time.Now()
		var err error
		project, err = loadProject(r)
		if micros := time.Since(start).Microseconds(); i == 0 || micros < a.Micros {
			a.Micros = micros
		}
		if err != nil {
			a.Status, a.Error = "error", err.Error()
			return a
		}
	}
	a.Status = "ok"
	if r.Text {
		if err := addTexts(&a, project); err != nil {
			return answer{Status: "error", Error: err.Error()}
		}
		return a
	}
	if !r.Quiet {
		out, err := tree(project)
		if err != nil {
			return answer{Status: "error", Error: err.Error()}
		}
		a.Tree = out
	}
	return a
}

func serve() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			var r request
			a := answer{Status: "bad request"}
			if json.Unmarshal(line, &r) == nil {
				a = load(r)
			}
			text, encodeError := json.Marshal(a)
			if encodeError != nil {
				text, _ = json.Marshal(answer{Status: "unprintable", Error: encodeError.Error()})
			}
			out.Write(append(text, '\n'))
			out.Flush()
		}
		if err != nil {
			return
		}
	}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		serve()
		return
	}
	r := request{Quiet: true, Env: map[string]string{}}
	for _, entry := range os.Environ() {
		key, value, _ := strings.Cut(entry, "=")
		r.Env[key] = value
	}
	r.Dir, _ = os.Getwd()
	for i := 1; i+1 < len(os.Args); i += 2 {
		if os.Args[i] == "-f" {
			r.Files = append(r.Files, os.Args[i+1])
		}
	}
	a := load(r)
	fmt.Println(a.Status, a.Error)
	if a.Status != "ok" {
		os.Exit(1)
	}
}
