package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// environment reads settings from the environment, and secrets from the files
// that are named for them.
type environment struct {
	from     Source
	problems []error
}

func (e *environment) bad(format string, args ...any) {
	e.problems = append(e.problems, fmt.Errorf(format, args...))
}

// get returns a variable of the program's own.
func (e *environment) get(name string) string { return e.from.Getenv("RAPPORTEUR_" + name) }

func (e *environment) plain(name string, to *string) {
	if v := e.get(name); v != "" {
		*to = v
	}
}

func (e *environment) number(name string, to *int) {
	if v := e.get(name); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			e.bad("%s: %q is no number", strings.ToLower(name), v)
			return
		}
		*to = n
	}
}

func (e *environment) truth(name string, to *bool) {
	if v := e.get(name); v != "" {
		yes, err := strconv.ParseBool(v)
		if err != nil {
			e.bad("%s: %q is neither true nor false", strings.ToLower(name), v)
			return
		}
		*to = yes
	}
}

func (e *environment) list(name string, to *[]string) {
	if v := e.get(name); v != "" {
		*to = listed(v)
	}
}

// secret reads a secret: the variable, else the file that is named for it.
func (e *environment) secret(name string, to *Secret, file *string) {
	if v := e.get(name); v != "" {
		*to, *file = Secret(v), ""
	}
	e.plain(name+"_FILE", file)
	if *file == "" {
		return
	}
	data, err := e.from.ReadFile(*file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.bad("%s: the file %s does not exist", strings.ToLower(name)+"_file", *file)
	case err != nil:
		e.bad("%s: the file %s cannot be read: %w", strings.ToLower(name)+"_file", *file, err)
	default:
		*to = Secret(strings.TrimSpace(string(data)))
	}
}
