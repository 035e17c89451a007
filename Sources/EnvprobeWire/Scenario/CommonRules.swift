extension Scenario {
  /// The rules that follow those of every scenario.
  ///
  /// The quiet defaults at the end are those under which agents finish at once: 404 for a GET of something unknown
  /// keeps them from retrying what an empty object would make them retry; an empty object for a POST satisfies
  /// telemetry.
  static let commonRulesText = """
    schema: envprobe.scenario/1
    name: common
    rules:
      # A websocket to a model is refused, which makes clients fall back to plain requests at once; one that is silent
      # would make them wait. Any other is opened, and listened to.
      - name: websocket
        match:
          header: {upgrade: "websocket"}
          path: ["*/responses", "*/chat/completions", "*/messages", "*/realtime"]
        answer: {status: 426, headers: {Upgrade: "h2c"}, body: ""}
      - name: websocket
        match: {header: {upgrade: "websocket", sec-websocket-key: "*"}}
        answer: {websocket: []}

      # Model APIs, on any host: a gateway has the paths of the API that it stands for.
      - match: {method: POST, path: "*/messages/count_tokens"}
        answer: {api: anthropic.count_tokens}
      - match: {method: POST, path: "*/messages"}
        answer: {api: anthropic.messages}
      - match: {method: GET, path: ["*/v1/models", "*/v1/models/*"], header: {anthropic-version: "*"}}
        answer: {api: anthropic.models}
      - match: {method: POST, path: "*/chat/completions"}
        answer: {api: openai.chat}
      - match: {method: POST, path: "*/responses"}
        answer: {api: openai.responses}
      - match: {method: POST, path: ["*:generateContent", "*:streamGenerateContent", "*:countTokens"]}
        answer: {api: gemini.generate}
      - match: {method: GET, path: ["*/v1beta/models", "*/v1beta/models/*"]}
        answer: {api: gemini.models}
      - match: {method: GET, path: ["*/models", "*/v1/models/*"]}
        answer: {api: openai.models}
      - match: {path: ["/dns-query", "/resolve"]}
        answer: {api: dns.query}

      # Remote procedures that nobody has: UNIMPLEMENTED, which no client tries again.
      - name: grpc
        match: {method: POST, header: {content-type: "application/grpc*"}}
        answer: {status: 200, headers: {Content-Type: application/grpc, grpc-status: "12", grpc-message: ""}, body: ""}

      # Services that tell a machine where it is.
      - name: network.address
        match: {host: ["api.ipify.org", "api4.ipify.org", "api64.ipify.org"], query: {format: json}}
        answer: {json: {ip: "{{public_address}}"}}
      - name: network.address
        match: {host: ["api.ipify.org", "api4.ipify.org", "api64.ipify.org"]}
        answer: {body: "{{public_address}}"}
      - name: network.address
        match:
          host: ["icanhazip.com", "ipv4.icanhazip.com", "checkip.amazonaws.com", "ip.3322.net", "ipinfo.in"]
        answer: {body: "{{public_address}}\\n"}
      - name: network.address
        match: {host: ["ident.me", "v4.ident.me", "ip.me", "wtfismyip.com", "ipv4.wtfismyip.com"], path: ["/", "/text"]}
        answer: {body: "{{public_address}}\\n"}
      - name: network.address
        match: {host: ["ipecho.net", "myexternalip.com", "ip.sb", "api.ip.sb"], path: ["/", "/plain", "/raw", "/ip"]}
        answer: {body: "{{public_address}}\\n"}
      - name: network.address
        match: {host: ["ifconfig.me", "ifconfig.co", "ifconfig.io", "ipinfo.io"], path: "/ip"}
        answer: {body: "{{public_address}}\\n"}
      - name: network.address
        match: {host: ["httpbin.org"], path: "/ip"}
        answer: {json: {origin: "{{public_address}}"}}
      - name: network.address
        match: {host: "checkip.dyndns.org"}
        answer:
          headers: {Content-Type: text/html}
          body: >-
            <html><head><title>Current IP Check</title></head><body>Current IP Address:
            {{public_address}}</body></html>
      - name: network.address
        match: {host: ["get.geojs.io"], path: ["/v1/ip.json"]}
        answer: {json: {ip: "{{public_address}}"}}
      - name: network.place
        match: {host: ["get.geojs.io"], path: ["/v1/ip/country"]}
        answer: {body: "{{country}}\\n"}
      - name: network.place
        match: {host: ["get.geojs.io"], path: ["/v1/ip/geo.json"]}
        answer:
          json: {ip: "{{public_address}}", country: "{{country_name}}", country_code: "{{country}}",
            region: "{{region}}", city: "{{city}}", latitude: "{{latitude}}", longitude: "{{longitude}}",
            timezone: "{{timezone}}", organization: "{{autonomous_system}} {{organization}}"}
      - name: network.place
        match: {host: "ipinfo.io", path: ["/", "/json"]}
        answer:
          json: {ip: "{{public_address}}", city: "{{city}}", region: "{{region}}", country: "{{country}}",
            loc: "{{latitude}},{{longitude}}", org: "{{autonomous_system}} {{organization}}",
            postal: "{{postal_code}}", timezone: "{{timezone}}", readme: "https://ipinfo.io/missingauth"}
      - name: network.place
        match: {host: "ipinfo.io", path: "/country"}
        answer: {body: "{{country}}\\n"}
      - name: network.place
        match: {host: "ipinfo.io", path: "/city"}
        answer: {body: "{{city}}\\n"}
      - name: network.place
        match: {host: "ipinfo.io", path: "/timezone"}
        answer: {body: "{{timezone}}\\n"}
      - name: network.place
        match: {host: "ipinfo.io", path: "/org"}
        answer: {body: "{{autonomous_system}} {{organization}}\\n"}
      - name: network.place
        match: {host: ["ip-api.com", "pro.ip-api.com"], path: ["/json", "/json/*"]}
        answer:
          headers: {Content-Type: application/json; charset=utf-8}
          body: >-
            {"status":"success","country":"{{country_name}}","countryCode":"{{country}}","region":"{{region}}",
            "regionName":"{{region}}","city":"{{city}}","zip":"{{postal_code}}","lat":{{latitude}},
            "lon":{{longitude}},"timezone":"{{timezone}}","isp":"{{organization}}","org":"{{organization}}",
            "as":"{{autonomous_system}} {{organization}}","query":"{{public_address}}"}
      - name: network.place
        match: {host: "ip-api.com", path: ["/line", "/line/*"]}
        answer:
          body: "success\\n{{country_name}}\\n{{country}}\\n{{region}}\\n{{region}}\\n{{city}}\\n{{postal_code}}\\n\\
            {{latitude}}\\n{{longitude}}\\n{{timezone}}\\n{{organization}}\\n{{organization}}\\n\\
            {{autonomous_system}} {{organization}}\\n{{public_address}}\\n"
      - name: network.place
        match: {host: "ipapi.co", path: ["/json", "/json/"]}
        answer:
          headers: {Content-Type: application/json}
          body: >-
            {"ip":"{{public_address}}","version":"IPv4","city":"{{city}}","region":"{{region}}",
            "country":"{{country}}","country_name":"{{country_name}}","country_code":"{{country}}",
            "continent_code":"{{continent}}","postal":"{{postal_code}}","latitude":{{latitude}},
            "longitude":{{longitude}},"timezone":"{{timezone}}","currency":"{{currency}}",
            "asn":"{{autonomous_system}}","org":"{{organization}}"}
      - name: network.place
        match: {host: "ipapi.co", path: ["/country", "/country/"]}
        answer: {body: "{{country}}"}
      - name: network.place
        match: {host: ["ipwho.is", "ipwhois.app"]}
        answer:
          headers: {Content-Type: application/json}
          body: >-
            {"ip":"{{public_address}}","success":true,"type":"IPv4","continent_code":"{{continent}}",
            "country":"{{country_name}}","country_code":"{{country}}","region":"{{region}}","city":"{{city}}",
            "latitude":{{latitude}},"longitude":{{longitude}},"postal":"{{postal_code}}",
            "connection":{"org":"{{organization}}"},"timezone":{"id":"{{timezone}}"}}
      - name: network.place
        match: {host: "api.country.is"}
        answer: {json: {ip: "{{public_address}}", country: "{{country}}"}}
      - name: network.place
        match: {host: ["api.myip.com"]}
        answer: {json: {ip: "{{public_address}}", country: "{{country_name}}", cc: "{{country}}"}}
      - name: network.place
        match: {host: ["ifconfig.co", "ifconfig.io"], path: ["/json", "/all.json"]}
        answer:
          json: {ip: "{{public_address}}", country: "{{country_name}}", country_iso: "{{country}}",
            region_name: "{{region}}", city: "{{city}}", time_zone: "{{timezone}}", asn: "{{autonomous_system}}",
            asn_org: "{{organization}}", user_agent: "{{user_agent}}"}
      - name: network.place
        match: {host: ["ifconfig.co", "ifconfig.io"], path: ["/country-iso", "/country_code"]}
        answer: {body: "{{country}}\\n"}
      - name: network.address
        match: {host: "ifconfig.me", path: "/all.json"}
        answer: {json: {ip_addr: "{{public_address}}", user_agent: "{{user_agent}}"}}
      - name: network.address
        match: {host: ["ifconfig.me", "ifconfig.co", "ifconfig.io"], path: "/"}
        answer: {body: "{{public_address}}"}
      - name: network.place
        match: {host: ["api.ip.sb"], path: ["/geoip", "/geoip/*"]}
        answer:
          headers: {Content-Type: application/json; charset=utf-8}
          body: >-
            {"organization":"{{organization}}","longitude":{{longitude}},"city":"{{city}}",
            "timezone":"{{timezone}}","isp":"{{organization}}","region":"{{region}}","country":"{{country_name}}",
            "latitude":{{latitude}},"ip":"{{public_address}}","continent_code":"{{continent}}",
            "country_code":"{{country}}"}
      - name: network.place
        match: {host: ["freeipapi.com", "free.freeipapi.com"], path: ["/api/json", "/api/json/*"]}
        answer:
          json: {ipVersion: 4, ipAddress: "{{public_address}}", countryName: "{{country_name}}",
            countryCode: "{{country}}", cityName: "{{city}}", regionName: "{{region}}",
            timeZones: ["{{timezone}}"]}
      - name: network.place
        match: {path: "/cdn-cgi/trace"}
        answer:
          body: "fl=20f54\\nh={{host}}\\nip={{public_address}}\\nts={{now}}.000\\nvisit_scheme=https\\n\\
            uag={{user_agent}}\\ncolo=EWR\\nsliver=none\\nhttp=http/1.1\\nloc={{country}}\\ntls=TLSv1.3\\n\\
            sni=plaintext\\nwarp=off\\ngateway=off\\nrbi=off\\nkex=X25519\\n"

      # Whether there is an Internet at all.
      - name: portal
        match: {path: ["/generate_204", "/gen_204"]}
        answer: {status: 204}
      - name: portal
        match: {host: "detectportal.firefox.com", path: "/success.txt"}
        answer: {body: "success\\n"}
      - name: portal
        match: {host: "captive.apple.com"}
        answer:
          headers: {Content-Type: text/html}
          body: <HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>
      - name: portal
        match: {host: "www.msftconnecttest.com", path: "/connecttest.txt"}
        answer: {body: Microsoft Connect Test}
      - name: portal
        match: {host: "nmcheck.gnome.org"}
        answer: {body: "NetworkManager is online\\n"}

      # Everything else.
      - name: default
        match: {method: [GET, HEAD]}
        answer: {status: 404, json: {}}
      - name: default
        answer: {status: 200, json: {}}
    """

  static let commonRules = try! Scenario(yaml: commonRulesText, file: "common").rules

  /// Reads the built-in texts now instead of at the first request.
  static func warmUp() { _ = (commonRules, hello) }
}
