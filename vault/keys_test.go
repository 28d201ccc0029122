package vault

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// The vector that the phone's side makes: pb_public/src/vault/hpke.test.ts
// seals the same with the same.
func TestOpensWhatAPhoneSeals(t *testing.T) {
	raw, err := os.ReadFile("../testdata/vault/sealed.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Server             struct{ Private, Public string }
		Info, Text, Sealed string
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	private, sealed := decoded(t, v.Server.Private), decoded(t, v.Sealed)
	key, err := kem.NewPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	k := &keys{all: []*pair{{Kid: "k1", Private: private, key: key}}}
	if k.public().Key != v.Server.Public {
		t.Errorf("the public key is %s, want %s", k.public().Key, v.Server.Public)
	}
	if got, err := k.open("k1", sealed, v.Info); err != nil || string(got) != v.Text {
		t.Errorf("opened %q, %v", got, err)
	}
	for name, try := range map[string]func() ([]byte, error){
		"another's number": func() ([]byte, error) { return k.open("k1", sealed, v.Info+"1") },
		"another key":      func() ([]byte, error) { return k.open("k2", sealed, v.Info) },
		"one bit":          func() ([]byte, error) { sealed[len(sealed)-1] ^= 1; return k.open("k1", sealed, v.Info) },
		"nothing":          func() ([]byte, error) { return k.open("k1", nil, v.Info) },
	} {
		if got, err := try(); err == nil {
			t.Errorf("%s: opened %q", name, got)
		}
	}
}

func TestKeysAreMadeOnceAndReadAgain(t *testing.T) {
	dir := t.TempDir()
	first, err := loadKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := loadKeys(dir)
	if err != nil || again.public() != first.public() {
		t.Errorf("read %v, %v; made %v", again.public(), err, first.public())
	}
	file := filepath.Join(dir, keyFile)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file is %v, %v: others may read it", info, err)
	}
	if err := os.WriteFile(file, []byte("[]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadKeys(dir); err == nil {
		t.Error("an empty key file is taken: phones would seal to nobody")
	}
}

func decoded(t *testing.T, s string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
