package slackfake

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
)

// Message is a message in a room, or one that a single person was shown.
type Message struct {
	Channel, TS, ThreadTS string
	// User, BotID and AppID say who posted it; BotID and AppID are empty for
	// people.
	User, BotID, AppID string
	Text               string
	// Blocks and Metadata are JSON as it came; nil for none.
	Blocks, Metadata json.RawMessage
	// ShownTo is the person who alone sees it; empty for everybody.
	ShownTo string
	Edited  bool
	// Parse, LinkNames, UnfurlLinks and UnfurlMedia are as the sender set them,
	// or as Slack sets them otherwise.
	Parse                               string
	LinkNames, UnfurlLinks, UnfurlMedia bool
}

// wire returns the message as the Web API shows it.
func (m *Message) wire(metadata bool) map[string]any {
	w := map[string]any{"type": "message", "user": m.User, "ts": m.TS, "text": m.Text}
	add := func(name, value string) {
		if value != "" {
			w[name] = value
		}
	}
	add("thread_ts", m.ThreadTS)
	add("bot_id", m.BotID)
	add("app_id", m.AppID)
	if m.Blocks != nil {
		w["blocks"] = m.Blocks
	}
	if metadata && m.Metadata != nil {
		w["metadata"] = m.Metadata
	}
	return w
}

// Delivery returns a string from the payload of the message's metadata.
func (m *Message) Delivery(name string) string {
	var meta struct {
		EventPayload map[string]any `json:"event_payload"`
	}
	if m.Metadata == nil || json.Unmarshal(m.Metadata, &meta) != nil {
		return ""
	}
	s, _ := meta.EventPayload[name].(string)
	return s
}

// blocks parses the blocks.
func blocks(data json.RawMessage) []map[string]any {
	var all []map[string]any
	if json.Unmarshal(data, &all) != nil {
		return nil
	}
	return all
}

// Visible returns what a person reads, as plain text: the blocks where there
// are any, else the text. A button reads "label: value".
func (m *Message) Visible() string {
	all := blocks(m.Blocks)
	if len(all) == 0 {
		return unescape(m.Text)
	}
	var out []string
	for _, b := range all {
		out = append(out, visible(b))
	}
	return strings.Join(out, "\n\n")
}

func visible(v map[string]any) string {
	kind, _ := v["type"].(string)
	text, _ := v["text"].(string)
	switch kind {
	case "plain_text", "text":
		return text
	case "mrkdwn", "markdown":
		return unescape(text)
	case "link":
		if text == "" {
			text, _ = v["url"].(string)
		}
		return text
	case "button":
		label, _ := v["text"].(map[string]any)
		value, _ := v["value"].(string)
		return visible(label) + ": " + value
	}
	var parts []string
	if inner, ok := v["text"].(map[string]any); ok {
		parts = append(parts, visible(inner))
	}
	for _, name := range []string{"fields", "elements"} {
		list, _ := v[name].([]any)
		for _, e := range list {
			if e, ok := e.(map[string]any); ok {
				parts = append(parts, visible(e))
			}
		}
	}
	switch kind {
	case "rich_text_section", "rich_text_quote", "rich_text_preformatted":
		return strings.Join(parts, "")
	case "context":
		return strings.Join(parts, "  ")
	}
	return strings.Join(parts, "\n")
}

func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// Harm says in sentences what the message does besides being read: whom it
// notifies, what it makes Slack or a client fetch, which links it offers that
// are neither http nor https. It looks at the wire, not at what is drawn.
// docs.slack.dev/messaging/formatting-message-text lists what mentions.
func (m *Message) Harm() []string {
	var found []string
	add := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	marked := func(where, text string) {
		for _, tag := range markup().FindAllString(text, -1) {
			add("%s holds the control sequence %q", where, tag)
		}
	}
	marked("text", m.Text)
	if m.LinkNames || m.Parse == "full" {
		add("names in the text are linked (link_names %v, parse %q)", m.LinkNames, m.Parse)
	}
	if m.ShownTo == "" && (m.UnfurlLinks || m.UnfurlMedia) {
		add("links are unfurled (links %v, media %v)", m.UnfurlLinks, m.UnfurlMedia)
	}
	var walk func(v map[string]any)
	walk = func(v map[string]any) {
		text, _ := v["text"].(string)
		switch kind, _ := v["type"].(string); kind {
		case "mrkdwn", "markdown":
			marked(kind, text)
		case "user", "usergroup", "broadcast", "channel", "team":
			add("a block holds a %s element: %s", kind, asJSON(v))
		case "image", "video", "file":
			add("a block makes clients fetch a %s", kind)
		case "link":
			address, _ := v["url"].(string)
			if u, err := url.Parse(address); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
				add("a block links to %q", address)
			}
		case "button":
			if address, _ := v["url"].(string); address != "" {
				add("a button links to %q", address)
			}
		}
		for _, child := range v {
			switch child := child.(type) {
			case map[string]any:
				walk(child)
			case []any:
				for _, e := range child {
					if e, ok := e.(map[string]any); ok {
						walk(e)
					}
				}
			}
		}
	}
	for _, b := range blocks(m.Blocks) {
		walk(b)
	}
	return found
}

// markup matches what Slack reads as a mention or link in text and mrkdwn.
func markup() *regexp.Regexp { return regexp.MustCompile(`<[^<>]*>`) }

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
)

// checker looks through blocks for what Slack refuses.
type checker struct {
	faults []string
	total  int
	ids    map[string]bool
}

// checkBlocks returns what is wrong with the blocks; nothing when they are
// fine. The first fault is tooLong when only their total is.
func checkBlocks(data json.RawMessage) []string {
	if data == nil {
		return nil
	}
	var all []map[string]any
	if err := json.Unmarshal(data, &all); err != nil {
		return []string{"[ERROR] blocks are no array of objects"}
	}
	c := &checker{ids: map[string]bool{}}
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
		if size(id) > maxID {
			c.fault(here+"/action_id", "must be less than %d characters", maxID+1)
		}
		if id != "" && ids[id] {
			c.fault(here+"/action_id", "is not unique in its block: %s", id)
		}
		ids[id] = true
		if e["type"] != "button" {
			continue // other elements are not checked
		}
		c.text(here+"/text", e["text"], maxButton, "plain_text")
		if value, _ := e["value"].(string); size(value) > maxValue {
			c.fault(here+"/value", "must be less than %d characters", maxValue+1)
		}
		if address, _ := e["url"].(string); size(address) > maxButtonLink {
			c.fault(here+"/url", "must be less than %d characters", maxButtonLink+1)
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
			case "user", "usergroup", "broadcast", "channel", "emoji", "date", "color", "team":
			default:
				c.fault(here+"/type", "unsupported type: %v", e["type"])
			}
			c.total += size(text)
		}
	default:
		c.fault(at+"/type", "unsupported type: %s", kind)
	}
}
