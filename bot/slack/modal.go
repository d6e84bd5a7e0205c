package slack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// maxFrame is how long the words of a modal's frame may be.
const maxFrame = 24

// modal makes a modal; without a submit word it has nothing to submit.
func modal(id, title, submit string, m metadata, blocks ...slackgo.Block) slackgo.ModalViewRequest {
	v := slackgo.ModalViewRequest{
		Type: slackgo.VTModal, CallbackID: id, Title: plainText(cut(title, maxFrame)), Close: plainText("Close"),
		PrivateMetadata: m.String(), Blocks: slackgo.Blocks{BlockSet: blocks},
	}
	if submit != "" {
		v.Submit = plainText(cut(submit, maxFrame))
	}
	return v
}

// input is a labelled element of a modal.
func input(id, label string, element slackgo.BlockElement, optional bool) *slackgo.InputBlock {
	b := slackgo.NewInputBlock(id, plainText(label), nil, element)
	b.Optional = optional
	return b
}

// textField is an element to write in.
func textField(lines bool, longest int, hint string) *slackgo.PlainTextInputBlockElement {
	e := slackgo.NewPlainTextInputBlockElement(plainText(hint), "text")
	e.Multiline, e.MaxLength = lines, longest
	return e
}

// openModal opens a modal. A trigger lives three seconds: who came too late is
// told how else it goes.
func (c *Client) openModal(ctx context.Context, workspace string, p interactivePayload, v slackgo.ModalViewRequest) *slackgo.View {
	v.Blocks.BlockSet = c.withinView(ctx, v.Blocks.BlockSet)
	w, err := c.workspaceFor(ctx, workspace)
	if err == nil {
		var opened *slackgo.ViewResponse
		if opened, err = w.api.OpenViewContext(ctx, p.TriggerID, v); err == nil {
			return &opened.View
		}
	}
	c.counts.add("modal_not_opened")
	c.log.WarnContext(ctx, "slack modal not opened", "view", v.CallbackID, "error", err)
	c.whisper(ctx, workspace, p, "The window could not be opened in time. Please try again, or write to me directly.")
	return nil
}

// whisper tells a person something about what they just did: where they did it,
// where that is a channel, else directly.
func (c *Client) whisper(ctx context.Context, workspace string, p interactivePayload, s string) {
	if c.trusted(p.ResponseURL) {
		if _, err := c.respond(ctx, p.ResponseURL, responseMessage(s, nil)); err == nil {
			return
		}
	}
	w, err := c.workspaceFor(ctx, workspace)
	if err == nil && p.Channel.ID != "" {
		_, err = w.api.PostEphemeralContext(ctx, p.Channel.ID, p.User.ID, message(topText(s, maxText), nil, p.Container.ThreadTS)...)
		if err == nil {
			return
		}
	}
	if err == nil {
		_, _, err = w.api.PostMessageContext(ctx, c.directChannel(ctx, w, p.User.ID), message(topText(s, maxText), nil, "")...)
	}
	if err != nil {
		c.log.WarnContext(ctx, "slack user not told", "error", err)
	}
}

const (
	// viewCheck is the modal in which a person has a text checked.
	viewCheck  = "check_text"
	blockCheck = "text"
	maxCheck   = 3000
)

// readCheck reads the shortcut that opens it.
func (c *Client) readCheck(p interactivePayload) reading {
	return reading{then: func(ctx context.Context) {
		c.openModal(ctx, c.workspaceOf(p), p, modal(viewCheck, "Check my text", "Check", metadata{Nonce: p.TriggerID},
			input(blockCheck, "Text with its quotations", textField(true, maxCheck, "Whatever stands in quotation marks is compared with the record"), false)))
	}}
}

// returnView begins the [bot.Message.Return] of an answer that goes into a modal.
const returnView = "view:"

// readChecked reads a text that is to be checked. It is a message like any other;
// its answer goes into the modal, and where that is closed, to the person.
func (c *Client) readChecked(p interactivePayload) reading {
	text := strings.TrimSpace(p.View.value(blockCheck))
	if text == "" {
		return reading{answer: viewErrors(blockCheck, "Write or paste the text that is to be checked.")}
	}
	sum := sha256.Sum256([]byte(p.View.ID + p.View.Hash + text)) // submitted twice is submitted once
	then, abandon := c.await(c.workspaceOf(p), p.View.ID)
	return reading{
		said: true, then: then, abandon: abandon, block: blockCheck,
		message: bot.Message{
			ID: "view " + hex.EncodeToString(sum[:12]), Room: c.room(c.workspaceOf(p), p.User.ID), Sender: p.User.ID,
			Text: "verify " + text, SentAt: c.now(), Return: returnView + p.View.ID,
		},
		answer: viewUpdate(modal(viewCheck, "Check my text", "", metadata{}, drawProse("Comparing with the record …", nil)[0].block)),
	}
}

// viewErrors answers a submission with what is wrong with one block.
func viewErrors(block, what string) any {
	return map[string]any{"response_action": "errors", "errors": map[string]string{block: what}}
}

// viewUpdate answers a submission with another view.
func viewUpdate(v slackgo.ModalViewRequest) any {
	return map[string]any{"response_action": "update", "view": v}
}

// mostViewBlocks is how many blocks a view may have.
const mostViewBlocks = 100

// settling is how long after an acknowledgement Slack has surely applied it.
const settling = time.Second

// pendingViews are the modals whose submission was answered with another view: what
// is shown in them before Slack has applied that is covered by it again.
type pendingViews struct {
	mu    sync.Mutex
	shown map[string]*pendingView
}

// pendingView is one of them.
type pendingView struct {
	awaited int                       // acknowledgements that may not be applied yet
	answer  *slackgo.ModalViewRequest // nil while there is none
}

// await notes that a modal is about to be changed by an acknowledgement, and
// returns what is done after that: an answer that came before is shown again. Where
// it is not changed after all, abandon forgets it.
func (c *Client) await(workspace, id string) (then func(context.Context), abandon func()) {
	c.views.mu.Lock()
	defer c.views.mu.Unlock()
	if c.views.shown == nil {
		c.views.shown = map[string]*pendingView{}
	}
	pending := c.views.shown[id]
	if pending == nil {
		pending = &pendingView{}
		c.views.shown[id] = pending
	}
	pending.awaited++
	settle := func() *slackgo.ModalViewRequest {
		c.views.mu.Lock()
		defer c.views.mu.Unlock()
		if pending.awaited--; pending.awaited == 0 {
			delete(c.views.shown, id)
		}
		return pending.answer
	}
	return func(ctx context.Context) {
		pause(ctx, settling)
		if answer := settle(); answer != nil {
			c.updateModal(ctx, workspace, id, "", *answer)
		}
	}, func() { settle() }
}

// answered notes what is shown in a modal.
func (v *pendingViews) answered(id string, answer slackgo.ModalViewRequest) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if pending := v.shown[id]; pending != nil {
		pending.answer = &answer
	}
}

// postToView shows an answer in a modal. Where that is closed, the person is
// told directly.
func (c *Client) postToView(ctx context.Context, w *workspace, p bot.Post, parts []part) (bot.Receipt, error) {
	var blocks []slackgo.Block
	for _, part := range parts {
		blocks = append(blocks, part.blocks...)
	}
	if blocks = c.withinView(ctx, blocks); len(blocks) == mostViewBlocks {
		blocks = append(blocks[:mostViewBlocks-1], drawProse("There is more than fits here: ask me directly.", nil)[0].block)
	}
	ctxTraced, reached := traced(ctx)
	id, answer := strings.TrimPrefix(p.Return, returnView), modal(viewCheck, "rapporteur", "", metadata{}, blocks...)
	c.views.answered(id, answer)
	_, err := w.api.UpdateViewContext(ctxTraced, answer, "", "", id)
	if err == nil {
		return bot.Receipt{}, nil
	}
	v, after := judge(err, reached.Load())
	if v == notSent || v == denied {
		return bot.Receipt{}, c.failure(v, limited{err, after})
	}
	c.log.InfoContext(ctx, "slack modal is closed, answering the person directly", "error", err)
	if p.To == "" {
		return bot.Receipt{}, postError(refused, 0, errors.New("nobody to answer"))
	}
	p.Return, p.Thread = "", ""
	channel, there := c.directChannel(ctx, w, p.To), map[string]sighting{}
	if p.Doubtful {
		if there, err = c.reconcile(ctx, w, channel, p, parts); err != nil {
			return bot.Receipt{}, err
		}
	}
	return c.postParts(ctx, w, channel, p, parts, there)
}
