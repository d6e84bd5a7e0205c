package slackfake

import (
	"encoding/json"
)

// str returns a parameter as a string.
func str(params map[string]any, name string) string {
	s, _ := params[name].(string)
	return s
}

// truth returns a parameter as a boolean, as forms and JSON write it.
func truth(params map[string]any, name string, otherwise bool) bool {
	switch v := params[name].(type) {
	case bool:
		return v
	case float64:
		return v != 0
	case string:
		return v == "true" || v == "1"
	}
	return otherwise
}

// raw returns a parameter that is JSON: as a value of a JSON body, or as a
// string of it in a form.
func raw(params map[string]any, name string) json.RawMessage {
	switch v := params[name].(type) {
	case nil:
		return nil
	case string:
		if v == "" {
			return nil
		}
		return json.RawMessage(v)
	default:
		return asJSON(v)
	}
}
