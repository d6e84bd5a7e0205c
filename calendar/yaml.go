package calendar

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// placed is a row with the line of the file on which it begins.
type placed[T any] struct {
	row  T
	line int
}

// readRows reads a file that is a list of rows. It goes on after a mistake, so
// that report hears of all of them.
func readRows[T any](fsys fs.FS, name string, report func(line int, err error)) []placed[T] {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		report(0, err)
		return nil
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		report(lineOf(err))
		return nil
	}
	known := fieldsOf(reflect.TypeFor[T]())
	var rows []placed[T]
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue
		}
		list, ok := doc.Body.(*ast.SequenceNode)
		if !ok {
			report(doc.Body.GetToken().Position.Line, errors.New("want a list of rows"))
			continue
		}
		for _, node := range list.Values {
			line := firstLine(node)
			options := []yaml.DecodeOption{yaml.Strict()}
			for _, key := range keysOf(node) {
				if name := key.String(); !known[name] {
					report(key.GetToken().Position.Line, fmt.Errorf("unknown key %q", name))
					options = nil // it has been reported: the rest of the row is still to be read
				}
			}
			var row T
			if err := yaml.NodeToValue(node, &row, options...); err != nil {
				report(lineOf(err))
				continue
			}
			rows = append(rows, placed[T]{row, line})
		}
	}
	return rows
}

// keysOf returns the keys of a row.
func keysOf(node ast.Node) []ast.MapKeyNode {
	var keys []ast.MapKeyNode
	if m, ok := node.(ast.MapNode); ok {
		for entries := m.MapRange(); entries.Next(); {
			keys = append(keys, entries.KeyValue().Key)
		}
	}
	return keys
}

func firstLine(node ast.Node) int {
	if keys := keysOf(node); len(keys) > 0 {
		return keys[0].GetToken().Position.Line
	}
	return node.GetToken().Position.Line
}

// lineOf parts an error of the YAML library into its line and its message.
func lineOf(err error) (int, error) {
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		return at.GetToken().Position.Line, errors.New(at.GetMessage())
	}
	return 0, err
}

// fieldsOf returns the keys that a row may have.
func fieldsOf(t reflect.Type) map[string]bool {
	fields := map[string]bool{}
	for field := range t.Fields() {
		name, option, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if option == "inline" {
			for inner := range fieldsOf(field.Type) {
				fields[inner] = true
			}
			continue
		}
		fields[name] = true
	}
	return fields
}
