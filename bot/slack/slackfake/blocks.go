package slackfake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// tooLong is the error for blocks whose texts together are too long.
const tooLong = "msg_blocks_too_long"

// Limits of blocks: docs.slack.dev/reference/block-kit/blocks, one page a
// block, and platform-contracts §1.8 for the total, which is not written down.
const (
	maxBlocks     = 50
	maxTotal      = 13_200
	maxHeader     = 150
	maxText       = 3000
	maxFields     = 10
	maxField      = 2000
	maxContext    = 10
	maxActions    = 25
	maxButton     = 75
	maxValue      = 2000
	maxID         = 255
	maxMarkdown   = 12_000
	maxImageAlt   = 2000
	maxButtonLink = 3000
	maxViewBlocks = 100
	maxFeedback   = 5
	maxLabel      = 2000
	maxOptions    = 100
	maxOption     = 75
	maxRows       = 100
	maxCells      = 20
)

// surface is where blocks are shown: not all of them are shown everywhere.
// docs.slack.dev/reference/block-kit/blocks.
type surface int

const (
	inMessage surface = iota
	inView
)

// checker looks through blocks for what Slack refuses.
type checker struct {
	where  surface
	faults []string
	total  int
	ids    map[string]bool
}

// checkBlocks returns what is wrong with the blocks; nothing when they are
// fine. The first fault is tooLong when only their total is.
func checkBlocks(data json.RawMessage, where surface) []string {
	if data == nil {
		return nil
	}
	var all []map[string]any
	if err := json.Unmarshal(data, &all); err != nil {
		return []string{"[ERROR] blocks are no array of objects"}
	}
	c := &checker{ids: map[string]bool{}, where: where}
	if len(all) > maxBlocks {
		c.fault("blocks", "no more than %d items allowed, got %d", maxBlocks, len(all))
	}
	for i, b := range all {
		c.block(fmt.Sprintf("/blocks/%d", i), b)
	}
	if len(c.faults) == 0 && c.total > maxTotal {
		return []string{tooLong}
	}
	return c.faults
}

// view checks the blocks of a view: up to 100, and inputs only where there is
// something to submit. docs.slack.dev/reference/views.
func (c *checker) view(data json.RawMessage, modal, submit bool) {
	var all []map[string]any
	if json.Unmarshal(data, &all) != nil || len(all) == 0 {
		c.fault("/blocks", "must be 1 to %d items", maxViewBlocks)
		return
	}
	if len(all) > maxViewBlocks {
		c.fault("/blocks", "no more than %d items allowed, got %d", maxViewBlocks, len(all))
	}
	for i, b := range all {
		at := fmt.Sprintf("/blocks/%d", i)
		if b["type"] == "input" && modal && !submit {
			c.fault(at, "a modal with inputs needs a submit button")
		}
		c.block(at, b)
	}
}

func (c *checker) fault(at, format string, args ...any) {
	c.faults = append(c.faults, "[ERROR] "+fmt.Sprintf(format, args...)+" [json-pointer:"+at+"]")
}

// size counts characters as JavaScript does, which is at least the number that
// anybody else would count.
func size(s string) int { return len(utf16.Encode([]rune(s))) }

func (c *checker) block(at string, b map[string]any) {
	if id, _ := b["block_id"].(string); id != "" {
		if size(id) > maxID {
			c.fault(at+"/block_id", "must be less than %d characters", maxID+1)
		}
		if c.ids[id] {
			c.fault(at+"/block_id", "is not unique: %s", id)
		}
		c.ids[id] = true
	}
	switch kind, _ := b["type"].(string); kind {
	case "divider":
	case "header":
		c.text(at+"/text", b["text"], maxHeader, "plain_text")
	case "section":
		fields, _ := b["fields"].([]any)
		if b["text"] != nil {
			c.text(at+"/text", b["text"], maxText, "plain_text", "mrkdwn")
		} else if len(fields) == 0 {
			c.fault(at, "a section needs text or fields")
		}
		if len(fields) > maxFields {
			c.fault(at+"/fields", "no more than %d items allowed", maxFields)
		}
		for i, f := range fields {
			c.text(fmt.Sprintf("%s/fields/%d", at, i), f, maxField, "plain_text", "mrkdwn")
		}
		if accessory, has := b["accessory"].(map[string]any); has {
			c.element(at+"/accessory", accessory)
		}
	case "context":
		for i, e := range c.list(at, b, maxContext) {
			if e["type"] == "image" {
				c.image(fmt.Sprintf("%s/elements/%d", at, i), e)
				continue
			}
			c.text(fmt.Sprintf("%s/elements/%d", at, i), e, maxText, "plain_text", "mrkdwn")
		}
	case "actions":
		c.actions(at, b)
	case "rich_text":
		for i, e := range c.list(at, b, 1<<20) {
			c.rich(fmt.Sprintf("%s/elements/%d", at, i), e)
		}
	case "image":
		c.image(at, b)
	case "context_actions":
		c.contextActions(at, b)
	case "input":
		if c.where != inView {
			c.fault(at+"/type", "input is for views")
		}
		c.text(at+"/label", b["label"], maxLabel, "plain_text")
		element, _ := b["element"].(map[string]any)
		c.element(at+"/element", element)
	case "table":
		c.table(at, b)
	case "markdown":
		text, _ := b["text"].(string)
		if n := size(text); n == 0 || n > maxMarkdown {
			c.fault(at+"/text", "must be 1 to %d characters, got %d", maxMarkdown, n)
		}
		c.total += size(text)
	default:
		c.fault(at+"/type", "unsupported type: %s", kind)
	}
}

func (c *checker) image(at string, b map[string]any) {
	alt, _ := b["alt_text"].(string)
	if n := size(alt); n == 0 || n > maxImageAlt {
		c.fault(at+"/alt_text", "must be 1 to %d characters", maxImageAlt)
	}
}

// list returns the elements, which must be objects and so many.
func (c *checker) list(at string, b map[string]any, most int) []map[string]any {
	list, _ := b["elements"].([]any)
	if len(list) < 1 || len(list) > most {
		c.fault(at+"/elements", "must be 1 to %d items, got %d", most, len(list))
	}
	var all []map[string]any
	for i, e := range list {
		e, ok := e.(map[string]any)
		if !ok {
			c.fault(fmt.Sprintf("%s/elements/%d", at, i), "must be an object")
			continue
		}
		all = append(all, e)
	}
	return all
}

// text checks a text object.
func (c *checker) text(at string, v any, limit int, kinds ...string) {
	b, _ := v.(map[string]any)
	kind, _ := b["type"].(string)
	text, _ := b["text"].(string)
	if !slices.Contains(kinds, kind) {
		c.fault(at+"/type", "must be one of %s, got %q", strings.Join(kinds, ", "), kind)
	}
	if n := size(text); n == 0 || n > limit {
		c.fault(at+"/text", "must be 1 to %d characters, got %d", limit, n)
	}
	c.total += size(text)
}

func (c *checker) actions(at string, b map[string]any) {
	ids := map[string]bool{}
	for i, e := range c.list(at, b, maxActions) {
		here := fmt.Sprintf("%s/elements/%d", at, i)
		id, _ := e["action_id"].(string)
		if id != "" && ids[id] {
			c.fault(here+"/action_id", "is not unique in its block: %s", id)
		}
		ids[id] = true
		c.element(here, e)
	}
}

// element checks an interactive element.
// docs.slack.dev/reference/block-kit/block-elements.
func (c *checker) element(at string, e map[string]any) {
	if id, _ := e["action_id"].(string); size(id) > maxID {
		c.fault(at+"/action_id", "must be less than %d characters", maxID+1)
	}
	if placeholder := e["placeholder"]; placeholder != nil {
		c.text(at+"/placeholder", placeholder, 150, "plain_text")
	}
	switch kind, _ := e["type"].(string); kind {
	case "button":
		c.text(at+"/text", e["text"], maxButton, "plain_text")
		if value, _ := e["value"].(string); size(value) > maxValue {
			c.fault(at+"/value", "must be less than %d characters", maxValue+1)
		}
		if address, _ := e["url"].(string); size(address) > maxButtonLink {
			c.fault(at+"/url", "must be less than %d characters", maxButtonLink+1)
		}
	case "static_select", "multi_static_select", "radio_buttons", "checkboxes", "overflow":
		options, _ := e["options"].([]any)
		if len(options) == 0 || len(options) > maxOptions {
			c.fault(at+"/options", "must be 1 to %d items, got %d", maxOptions, len(options))
		}
		for i, o := range options {
			o, _ := o.(map[string]any)
			c.text(fmt.Sprintf("%s/options/%d/text", at, i), o["text"], maxOption, "plain_text", "mrkdwn")
		}
	case "plain_text_input", "conversations_select", "channels_select", "users_select", "timepicker", "datepicker", "external_select", "icon_button":
	default:
		c.fault(at+"/type", "unsupported type: %q", kind)
	}
}

// contextActions is docs.slack.dev/reference/block-kit/blocks/context-actions-block:
// feedback and icon buttons, in messages alone.
func (c *checker) contextActions(at string, b map[string]any) {
	if c.where != inMessage {
		c.fault(at+"/type", "context_actions is for messages")
	}
	for i, e := range c.list(at, b, maxFeedback) {
		here := fmt.Sprintf("%s/elements/%d", at, i)
		switch e["type"] {
		case "feedback_buttons":
			for _, name := range []string{"positive_button", "negative_button"} {
				button, _ := e[name].(map[string]any)
				c.text(here+"/"+name+"/text", button["text"], maxButton, "plain_text")
				if value, _ := button["value"].(string); value == "" || size(value) > maxValue {
					c.fault(here+"/"+name+"/value", "must be 1 to %d characters", maxValue)
				}
			}
		case "icon_button":
			c.text(here+"/text", e["text"], maxButton, "plain_text")
		default:
			c.fault(here+"/type", "unsupported type: %v", e["type"])
		}
	}
}

// table is docs.slack.dev/reference/block-kit/blocks/table-block.
func (c *checker) table(at string, b map[string]any) {
	rows, _ := b["rows"].([]any)
	if len(rows) == 0 || len(rows) > maxRows {
		c.fault(at+"/rows", "must be 1 to %d items, got %d", maxRows, len(rows))
	}
	for i, r := range rows {
		cells, _ := r.([]any)
		if len(cells) == 0 || len(cells) > maxCells {
			c.fault(fmt.Sprintf("%s/rows/%d", at, i), "must be 1 to %d items, got %d", maxCells, len(cells))
		}
		for _, cell := range cells {
			cell, _ := cell.(map[string]any)
			text, _ := cell["text"].(string)
			c.total += size(text)
		}
	}
}

// rich checks an element of a rich text block.
// docs.slack.dev/reference/block-kit/blocks/rich-text-block.
func (c *checker) rich(at string, b map[string]any) {
	switch kind, _ := b["type"].(string); kind {
	case "rich_text_list":
		if style := b["style"]; style != "bullet" && style != "ordered" {
			c.fault(at+"/style", "must be bullet or ordered")
		}
		for i, e := range c.list(at, b, 1<<20) {
			if e["type"] != "rich_text_section" {
				c.fault(fmt.Sprintf("%s/elements/%d/type", at, i), "must be rich_text_section")
				continue
			}
			c.rich(fmt.Sprintf("%s/elements/%d", at, i), e)
		}
	case "rich_text_section", "rich_text_quote", "rich_text_preformatted":
		for i, e := range c.list(at, b, 1<<20) {
			here := fmt.Sprintf("%s/elements/%d", at, i)
			text, _ := e["text"].(string)
			switch e["type"] {
			case "text":
				if text == "" {
					c.fault(here+"/text", "must be more than 0 characters")
				}
			case "link":
				if address, _ := e["url"].(string); address == "" {
					c.fault(here+"/url", "missing required field: url")
				}
			case "date":
				stamp, _ := e["timestamp"].(float64)
				if format, _ := e["format"].(string); stamp == 0 || format == "" {
					c.fault(here, "a date needs timestamp and format")
				}
				text, _ = e["fallback"].(string)
			case "user", "usergroup", "broadcast", "channel", "emoji", "color", "team":
			default:
				c.fault(here+"/type", "unsupported type: %v", e["type"])
			}
			c.total += size(text)
		}
	default:
		c.fault(at+"/type", "unsupported type: %s", kind)
	}
}
