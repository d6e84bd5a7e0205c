package slack

import "slices"

// These tables say all the ways in which Slack reaches the bot, and all that the
// bot calls. The code that reads envelopes looks its readers up here, and the
// manifest is written from here: what is not in a table is neither asked for nor
// handled.

// event is a kind of event that the app subscribes to.
type event struct {
	// name is what the manifest calls it; inner is the type it comes with, and
	// surface the channel_type that goes with that, where there is one.
	name, inner, surface string
	// scopes are what the subscription needs.
	scopes []string
	// optional is set where the bot does well without it; unasked where it comes
	// without a subscription.
	optional, unasked bool
	read              func(c *Client, p eventPayload) reading
}

// events are the events that the bot hears.
func events() []event {
	public, private := []string{"channels:read"}, []string{"groups:read"}
	return []event{
		{name: "app_mention", scopes: []string{"app_mentions:read"}, read: (*Client).readSaid},
		{name: "message.im", inner: "message", surface: "im", scopes: []string{"im:history"}, read: (*Client).readSaid},
		{name: "app_home_opened", read: (*Client).readOpened},
		{name: "agent_session_stopped", read: (*Client).readStopped},
		{name: "user_change", scopes: []string{"users:read"}, read: (*Client).readUser},
		{name: "app_uninstalled", read: (*Client).readUninstalled},
		{name: "tokens_revoked", read: (*Client).readRevoked},
		{name: "team_access_granted", read: (*Client).readAccess},
		{name: "team_access_revoked", read: (*Client).readAccess},
		{name: "channel_id_changed", read: (*Client).readMoved},
		{name: "channel_archive", scopes: public, read: readGone("the channel is archived")},
		{name: "channel_deleted", scopes: public, read: readGone("the channel is deleted")},
		{name: "channel_left", scopes: public, read: readGone("I was taken out of the channel")},
		{name: "channel_unarchive", scopes: public, read: (*Client).readBack},
		{name: "group_archive", scopes: private, read: readGone("the channel is archived")},
		{name: "group_deleted", scopes: private, read: readGone("the channel is deleted")},
		{name: "group_left", scopes: private, read: readGone("I was taken out of the channel")},
		{name: "group_unarchive", scopes: private, read: (*Client).readBack},
		{name: "member_joined_channel", scopes: slices.Concat(public, private), read: (*Client).readJoined},
		{name: "app_rate_limited", unasked: true, read: (*Client).readRateLimited},
		{name: "link_shared", scopes: []string{"links:read"}, optional: true, read: (*Client).readLinks},
	}
}

// command is a slash command.
type command struct {
	name        func(c *Client) string
	description string
	hint        string
	// verb is put before what the person typed; empty for none.
	verb string
}

// commands are the slash commands of the bot.
func commands() []command {
	return []command{
		{func(c *Client) string { return c.command }, "Ask the record and the calendar", "[question, or a verb: help]", ""},
		{func(c *Client) string { return c.quote }, "Quote the record", "[topic]", "quote"},
	}
}

// The kinds of a shortcut.
const (
	onMessage  = "message"
	everywhere = "global"
)

// shortcut is an entry of a message's menu, or of the menu of everything.
type shortcut struct {
	id, kind, name, description string
	read                        func(c *Client, p interactivePayload) reading
}

// shortcuts are the shortcuts of the bot.
func shortcuts() []shortcut {
	return []shortcut{
		{"verify_quote", onMessage, "Verify quote", "Does the record hold these words?", (*Client).readVerify},
		{"find_source", onMessage, "Find source", "What the record says on this, word for word", (*Client).readFind},
		{"check_text", everywhere, "Check my text", "Check the quotations of a text before it is sent", (*Client).readCheck},
		{"new_digest", everywhere, "New digest", "Order a digest for a channel", (*Client).readOrder},
	}
}

// call is a method of the Web API that the bot calls: the name of the library's
// function for it, and the scopes it needs.
type call struct {
	function, method string
	scopes           []string
	// optional is set where the bot does well without it.
	optional bool
}

// calls are all calls of the bot with its bot token. Those that need no scope of
// their own are among them.
func calls() []call {
	write, history := []string{"chat:write"}, []string{"channels:history", "groups:history"}
	return []call{
		{function: "AuthTestContext", method: "auth.test"},
		{function: "PostMessageContext", method: "chat.postMessage", scopes: write},
		{function: "UpdateMessageContext", method: "chat.update", scopes: write},
		{function: "StartStreamContext", method: "chat.startStream", scopes: write},
		{function: "AppendStreamContext", method: "chat.appendStream", scopes: write},
		{function: "StopStreamContext", method: "chat.stopStream", scopes: write},
		{function: "PostEphemeralContext", method: "chat.postEphemeral", scopes: write},
		{function: "GetConversationHistoryContext", method: "conversations.history", scopes: history, optional: true},
		{function: "GetConversationRepliesContext", method: "conversations.replies", scopes: history, optional: true},
		{function: "GetConversationInfoContext", method: "conversations.info", scopes: []string{"channels:read", "groups:read"}},
		{function: "GetConversationsForUserContext", method: "users.conversations", scopes: []string{"channels:read", "groups:read"}},
		{function: "OpenConversationContext", method: "conversations.open", scopes: []string{"im:write"}},
		{function: "GetUserInfoContext", method: "users.info", scopes: []string{"users:read"}},
		{function: "GetUserGroupMembersContext", method: "usergroups.users.list", scopes: []string{"usergroups:read"}, optional: true},
		{function: "SetAssistantThreadsSuggestedPromptsContext", method: "assistant.threads.setSuggestedPrompts", scopes: []string{"assistant:write"}},
		{function: "SetAssistantThreadsStatusContext", method: "assistant.threads.setStatus", scopes: write},
		{function: "SetAgentSessionStatusContext", method: "agents.sessions.setStatus", scopes: write},
		{function: "AddReactionContext", method: "reactions.add", scopes: []string{"reactions:write"}, optional: true},
		{function: "RemoveReactionContext", method: "reactions.remove", scopes: []string{"reactions:write"}, optional: true},
		{function: "UnfurlMessageContext", method: "chat.unfurl", scopes: []string{"links:write"}, optional: true},
		{function: "UploadFileContext", method: "files.completeUploadExternal", scopes: []string{"files:write"}, optional: true},
		{function: "OpenViewContext", method: "views.open"},
		{function: "UpdateViewContext", method: "views.update"},
		{function: "PublishViewContext", method: "views.publish"},
	}
}

// reasons say of each scope what it is for: whoever installs the app must judge
// them.
func reasons() map[string]string {
	return map[string]string{
		"app_mentions:read": "questions in channels",
		"assistant:write":   "suggested questions in direct messages",
		"channels:history":  "to find a doubtful post before it is repeated, and the words that a doubting mention in a thread is about",
		"channels:read":     "to know that a channel is archived, shared or gone",
		"chat:write":        "answers and digests",
		"commands":          "slash commands and shortcuts",
		"files:write":       "to attach calendar files",
		"groups:history":    "the same in private channels",
		"groups:read":       "the same of private channels",
		"im:history":        "questions in direct messages",
		"im:write":          "to write to a person first: that a channel of theirs is gone, and to operators",
		"links:read":        "to preview UN documents that are linked to",
		"links:write":       "to preview UN documents that are linked to",
		"reactions:write":   "to show in channels that a question is being answered",
		"usergroups:read":   "to let the members of a user group subscribe",
		"users:read":        "languages and time zones, and who is a guest",
	}
}

// scopes are what the app asks for: what it needs, and what it does well without.
func scopes() (needed, optional []string) {
	needed = []string{"commands"}
	for _, e := range events() {
		if e.optional {
			optional = append(optional, e.scopes...)
		} else {
			needed = append(needed, e.scopes...)
		}
	}
	for _, c := range calls() {
		if c.optional {
			optional = append(optional, c.scopes...)
		} else {
			needed = append(needed, c.scopes...)
		}
	}
	slices.Sort(needed)
	slices.Sort(optional)
	needed, optional = slices.Compact(needed), slices.Compact(optional)
	return needed, slices.DeleteFunc(optional, func(s string) bool { return slices.Contains(needed, s) })
}
