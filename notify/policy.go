package notify

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Policy is where pushes may go. A phone says where: without this it could make
// the server ask whatever the server can reach.
type Policy struct {
	Hosts    []string // exactly
	Families []string // and whatever lies below these

	// Loopback lets a test have a push service of its own, at any port of this
	// machine.
	Loopback bool
}

// Public is every push service that browsers use.
var Public = Policy{
	Hosts:    []string{"fcm.googleapis.com", "updates.push.services.mozilla.com"},
	Families: []string{".push.apple.com", ".notify.windows.com", ".push.services.mozilla.com"},
}

const longestEndpoint = 1024

var errEndpoint = errors.New("notify: no push service that we know")

// plainHost is a name as services write theirs: small letters, no dot at its
// end, nothing that another reader could take for the end of it.
var plainHost = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]+$`)

// Check looks at an endpoint as text, when it is told and each time it is used.
func (p Policy) Check(endpoint string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	if err != nil || len(endpoint) > longestEndpoint || u.User != nil || u.Opaque != "" || strings.Contains(endpoint, "#") {
		return nil, errEndpoint
	}
	if p.Loopback && u.Hostname() == "127.0.0.1" {
		return u, nil
	}
	host := u.Hostname()
	// Host has a port where the two differ.
	if u.Scheme != "https" || u.Host != host || !plainHost.MatchString(host) {
		return nil, errEndpoint
	}
	below := func(family string) bool { return strings.HasSuffix(host, family) && len(host) > len(family) }
	if !slices.Contains(p.Hosts, host) && !slices.ContainsFunc(p.Families, below) {
		return nil, errEndpoint
	}
	return u, nil
}

// closed are the addresses that are no place on the internet. Of IPv6 only an
// eighth is: 2000::/3.
var closed = prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/3", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "4000::/2", "8000::/1")

func prefixes(all ...string) (out []netip.Prefix) {
	for _, p := range all {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

var errAddress = errors.New("notify: the push service is at no public address")

// dial looks at the address that is really asked, after its name was looked up.
func (p Policy) dial(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return errAddress
	}
	ip := at.Addr().Unmap().WithZone("")
	if p.Loopback && ip.IsLoopback() {
		return nil
	}
	if at.Port() != 443 || slices.ContainsFunc(closed, func(c netip.Prefix) bool { return c.Contains(ip) }) {
		return errAddress
	}
	return nil
}

// How long one push may take, and how many at once go to one service.
const (
	sendTimeout = 10 * time.Second
	perOrigin   = 8
)

// client asks push services and nobody else: no proxy, no redirect.
func (p Policy) client() *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: p.dial}
	return &http.Client{
		Timeout:       sendTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy: nil,
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, address)
			},
			ForceAttemptHTTP2:      true,
			MaxConnsPerHost:        perOrigin,
			MaxIdleConnsPerHost:    perOrigin,
			IdleConnTimeout:        90 * time.Second,
			TLSHandshakeTimeout:    5 * time.Second,
			MaxResponseHeaderBytes: 16 << 10,
		},
	}
}
