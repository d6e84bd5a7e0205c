package slack

import (
	"encoding/json"
	"fmt"
	"slices"
)

// surface is where blocks are shown.
type surface int

const (
	inMessage surface = iota
	inView
)

// Slack's own limits, which render.go stays below.
// docs.slack.dev/reference/block-kit/blocks; the total of all texts, which is not
// written down, is platform-contracts §1.8's.
const (
	limitTotal    = 13_200
	limitText     = 3_000
	limitInput    = 3_000
	limitLabel    = 2_000
	limitID       = 255
	limitContext  = 10
	limitFeedback = 5
	limitOptions  = 100
	// limitOptionValue is of the value of an option.
	limitOptionValue = 150
)

// Faults says in sentences where blocks, as JSON, exceed what Slack takes; nothing
// where they do not. A view may hold more blocks than a message, and inputs.
func Faults(blocks []byte, view bool) []string {
	c := checker{where: inMessage, most: maxBlocks}
	if view {
		c.where, c.most = inView, mostViewBlocks
	}
	var all []map[string]any
	if err := json.Unmarshal(blocks, &all); err != nil {
		return []string{"the blocks are no list of objects"}
	}
	c.count("blocks", len(all), c.most)
	for i, b := range all {
		c.block(fmt.Sprintf("block %d", i+1), b)
	}
	if c.where == inMessage && c.total > limitTotal {
		c.add("blocks", "hold %d characters, at most %d go", c.total, limitTotal)
	}
	return c.faults
}

// checker looks through blocks for what Slack refuses.
type checker struct {
	where  surface
	most   int
	total  int
	faults []string
}

func (c *checker) add(at, format string, args ...any) {
	c.faults = append(c.faults, at+": "+fmt.Sprintf(format, args...))
}

func (c *checker) count(at string, got, most int) {
	if got == 0 || got > most {
		c.add(at, "%d elements, want 1 to %d", got, most)
	}
}

// text checks a text object.
func (c *checker) text(at string, v any, most int) {
	object, _ := v.(map[string]any)
	words, _ := object["text"].(string)
	if object["type"] != "plain_text" {
		c.add(at, "text of type %v, want plain_text, where Slack reads no mark-up", object["type"])
	}
	if n := units16(words); n == 0 || n > most {
		c.add(at, "%d characters, want 1 to %d", n, most)
	}
	c.total += units16(words)
}

func (c *checker) block(at string, b map[string]any) {
	kind, _ := b["type"].(string)
	at += " (" + kind + ")"
	elements := objects(b["elements"])
	switch kind {
	case "header":
		c.text(at, b["text"], maxHeader)
	case "rich_text":
		c.count(at, len(elements), 1<<20)
		for _, e := range elements {
			c.rich(at, e)
		}
	case "context":
		c.count(at, len(elements), limitContext)
		for _, e := range elements {
			c.text(at, e, limitText)
		}
	case "actions":
		c.count(at, len(elements), maxRow)
		c.buttons(at, elements)
	case "context_actions":
		c.count(at, len(elements), limitFeedback)
		if c.where != inMessage {
			c.add(at, "is for messages alone")
		}
		for _, e := range elements {
			for _, name := range []string{"positive_button", "negative_button"} {
				button, _ := e[name].(map[string]any)
				c.text(at, button["text"], maxLabel)
			}
		}
	case "input":
		if c.where != inView {
			c.add(at, "is for views alone")
		}
		c.text(at, b["label"], limitLabel)
		element, _ := b["element"].(map[string]any)
		c.inputElement(at, element)
	default:
		c.add(at, "is of a kind that the bot does not draw")
	}
}

func (c *checker) buttons(at string, buttons []map[string]any) {
	seen := map[string]bool{}
	for _, b := range buttons {
		id, _ := b["action_id"].(string)
		value, _ := b["value"].(string)
		switch {
		case id == "" || len(id) > limitID || seen[id]:
			c.add(at, "action id %q is empty, too long or there twice", id)
		case units16(value) > maxValue:
			c.add(at, "a value of %d characters, at most %d go", units16(value), maxValue)
		case b["url"] != nil:
			c.add(at, "a button leads to an address")
		}
		seen[id] = true
		c.text(at, b["text"], maxLabel)
	}
}

func (c *checker) inputElement(at string, e map[string]any) {
	if options := objects(e["options"]); len(options) > limitOptions {
		c.add(at, "%d options, at most %d go", len(options), limitOptions)
	}
	for _, o := range objects(e["options"]) {
		c.text(at, o["text"], maxLabel)
		if value, _ := o["value"].(string); value == "" || units16(value) > limitOptionValue {
			c.add(at, "an option of %d characters, want 1 to %d", units16(value), limitOptionValue)
		}
	}
	if longest, is := e["max_length"].(float64); is && longest > limitInput {
		c.add(at, "takes %.0f characters, at most %d go", longest, limitInput)
	}
}

// rich checks a part of a rich text block.
func (c *checker) rich(at string, e map[string]any) {
	size := 0
	if e["type"] == "rich_text_list" {
		if style := e["style"]; style != "bullet" && style != "ordered" {
			c.add(at, "a list of style %v", style)
		}
	}
	for _, inner := range objects(e["elements"]) {
		switch kind, _ := inner["type"].(string); kind {
		case "rich_text_section":
			c.rich(at, inner)
			continue
		case "text", "link", "date":
			words, _ := inner["text"].(string)
			if kind == "text" && words == "" {
				c.add(at, "holds an empty text")
			}
			size += units16(words)
		default:
			c.add(at, "holds a %s, which could notify somebody", kind)
		}
	}
	if !slices.Contains([]any{"rich_text_section", "rich_text_quote", "rich_text_list"}, e["type"]) {
		c.add(at, "holds a part of type %v", e["type"])
	}
	if size > limitText {
		c.add(at, "%d characters, at most %d go", size, limitText)
	}
	c.total += size
}

// objects returns the objects of a list.
func objects(v any) []map[string]any {
	list, _ := v.([]any)
	all := make([]map[string]any, 0, len(list))
	for _, e := range list {
		if o, is := e.(map[string]any); is {
			all = append(all, o)
		}
	}
	return all
}
