package vault

import (
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bindeled/internal/clock"
)

// keyFile lies beside the database and is part of every backup: without it
// nobody reads what locked phones send.
const keyFile = "vault-keys.json"

// keyDays is how long a key that was replaced is kept: longer than anything
// lies unsent on a phone.
const keyDays = 400

// pair is one key of the server. Private is P-256, as RFC 9180 writes it.
type pair struct {
	Kid     string    `json:"kid"`
	Private []byte    `json:"private"`
	Made    time.Time `json:"made"`

	key hpke.PrivateKey
}

// keys are the server's, the newest first: phones seal to that one.
type keys struct{ all []*pair }

// public is what phones seal to.
type public struct {
	Kid string `json:"kid"`
	Key string `json:"key"` // the point, uncompressed, base64url
}

// loadKeys reads the key file, or makes it.
func loadKeys(dir string) (*keys, error) {
	file := filepath.Join(dir, keyFile)
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKeys(file)
	}
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	k := &keys{}
	if err := json.Unmarshal(raw, &k.all); err != nil {
		return nil, fmt.Errorf("vault: %s cannot be read: %w", keyFile, err)
	}
	if len(k.all) == 0 {
		return nil, fmt.Errorf("vault: %s has no key", keyFile)
	}
	for _, p := range k.all {
		if p.key, err = kem.NewPrivateKey(p.Private); err != nil {
			return nil, fmt.Errorf("vault: key %s of %s: %w", p.Kid, keyFile, err)
		}
	}
	return k, nil
}

func makeKeys(file string) (*keys, error) {
	key, err := kem.GenerateKey()
	if err != nil {
		return nil, err
	}
	private, err := key.Bytes()
	if err != nil {
		return nil, err
	}
	k := &keys{all: []*pair{{Kid: strings.ToLower(rand.Text()[:8]), Private: private, Made: clock.Now().UTC(), key: key}}}
	raw, err := json.MarshalIndent(k.all, "", "\t")
	if err != nil {
		return nil, err
	}
	if err := write(file, raw); err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	return k, nil
}

// write leaves a file whole or not at all, also when the power goes: half a
// key would be worse than none.
func write(file string, raw []byte) error {
	f, err := os.OpenFile(file+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

func (k *keys) public() public {
	return public{Kid: k.all[0].Kid, Key: base64.RawURLEncoding.EncodeToString(k.all[0].key.PublicKey().Bytes())}
}

var errSealed = errors.New("vault: cannot be opened")

var kem = hpke.DHKEM(ecdh.P256())

// open opens what a phone sealed (RFC 9180, base mode, DHKEM P-256 with
// HKDF-SHA256, AES-256-GCM). What it is and whose is bound in.
func (k *keys) open(kid string, sealed []byte, info string) ([]byte, error) {
	for _, p := range k.all {
		if p.Kid == kid {
			text, err := hpke.Open(p.key, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(info), sealed)
			if err != nil {
				return nil, errSealed
			}
			return text, nil
		}
	}
	return nil, errSealed
}
