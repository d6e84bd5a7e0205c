package slack

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// Slack's own servers ping a socket every few seconds, and the library takes one
// that was not pinged for half a minute for dead. Other servers need not ping at
// all: there the network says whether the other side lives, and a socket is opened
// anew only after a long silence. The library also tells every server that it
// comes from api.slack.com, which one that checks the origin of a socket refuses;
// to another server the bot says that it comes from there.

const (
	pingInterval      = 30 * time.Second
	quietPingInterval = 12 * time.Hour
	handshakeLimit    = 15 * time.Second
	libraryOrigin     = "https://api.slack.com"
)

// keepAlive finds within a minute that the other side of a socket is gone.
func keepAlive() net.KeepAliveConfig {
	return net.KeepAliveConfig{Enable: true, Idle: 20 * time.Second, Interval: 10 * time.Second, Count: 3}
}

// pings is how long a socket may stay without a ping.
func (h hosts) pings() time.Duration {
	if h.own == nil {
		return pingInterval
	}
	return quietPingInterval
}

// dialer opens sockets.
func (h hosts) dialer() *websocket.Dialer {
	plain := &net.Dialer{Timeout: handshakeLimit, KeepAliveConfig: keepAlive()}
	d := &websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: handshakeLimit, NetDialContext: plain.DialContext}
	if h.own == nil {
		return d
	}
	d.NetDialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := plain.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &introduced{Conn: conn, origin: "http://" + address}, nil
	}
	d.NetDialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&tls.Dialer{NetDialer: plain, Config: &tls.Config{NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12}}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &introduced{Conn: conn, origin: "https://" + strings.TrimSuffix(address, ":443")}, nil
	}
	return d
}

// introduced is a connection whose first request says where the bot comes from.
type introduced struct {
	net.Conn
	origin string
	said   bool
}

// Write writes; the first time, with another origin.
func (c *introduced) Write(p []byte) (int, error) {
	if c.said {
		return c.Conn.Write(p)
	}
	c.said = true
	line := func(origin string) []byte { return []byte("\r\nOrigin: " + origin + "\r\n") }
	if _, err := c.Conn.Write(bytes.Replace(p, line(libraryOrigin), line(c.origin), 1)); err != nil {
		return 0, fmt.Errorf("open a socket: %w", err)
	}
	return len(p), nil
}
