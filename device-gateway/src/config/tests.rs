//! Tests of what a configuration may say.

use super::*;

const SOUND: &str = "listen = \"127.0.0.1:1\"\nsecret = \"0123456789abcdef\"\n\
                     data_dir = \"d\"\nstatic_dir = \".\"\n";

fn read(more: &str, kind: Kind) -> Result<Config, Vec<String>> {
    Config::parse(&format!("{SOUND}{more}"), |_| None, kind)
}

#[test]
fn every_problem_is_reported_at_once_with_its_remedy() {
    let text = "listen = \"nowhere\"\nsecret = \"short\"\nwhat = 1\ndemo = \"maybe\"\n\
                setup_code = \"guess\"";
    let problems = Config::parse(text, |_| None, Kind::Gateway).unwrap_err();
    let keys =
        ["listen", "secret", "what", "demo", "data_dir", "static_dir", "setup_code", "venue"];
    for key in keys {
        assert!(problems.iter().any(|p| p.starts_with(key)), "{key}: {problems:?}");
    }
}

#[test]
fn the_environment_wins_over_the_file() {
    let env = |key: &str| (key == "listen").then(|| "127.0.0.1:2".to_owned());
    assert_eq!(Config::parse(SOUND, env, Kind::Edge).unwrap().listen.port(), 2);
}

#[test]
fn a_demo_never_listens_to_the_network() {
    let env = |key: &str| (key == "listen").then(|| "0.0.0.0:1".to_owned());
    let text = format!("{SOUND}demo = true");
    let problems = Config::parse(&text, env, Kind::Edge).unwrap_err();
    assert!(problems[0].contains("loopback"), "{problems:?}");
}

#[test]
fn cookies_of_an_edge_are_for_https_unless_it_is_told_otherwise() {
    let cases = [
        (Kind::Edge, "", true),
        (Kind::Edge, "secure_cookies = false", false),
        (Kind::Edge, "demo = true", false),
        (Kind::Edge, "contract = true", false),
        (Kind::Edge, "demo = true\nsecure_cookies = true", true),
        (Kind::Gateway, "venue = \"chakri\"", false),
        (Kind::Gateway, "venue = \"chakri\"\nsecure_cookies = true", true),
    ];
    for (kind, more, expect) in cases {
        assert_eq!(read(more, kind).unwrap().secure_cookies, expect, "{kind:?} {more}");
    }
}

#[test]
fn a_standby_asks_its_gateway_on_the_venue_s_network_and_nobody_else() {
    let cases = [
        ("primary_url = \"http://192.168.1.10:8080/\"", ""),
        ("primary_url = \"http://127.0.0.1:8080\"", ""),
        ("primary_url = \"http://relais.local:8080\"", ""),
        ("primary_url = \"https://relais.example\"", ""),
        ("", "primary_url"),
        ("primary_url = \"http://relais.example\"", "primary_url"),
        ("primary_url = \"http://8.8.8.8\"", "primary_url"),
        ("primary_url = \"http://10.0.0.1\"\nedge_url = \"https://chakri.be\"", "edge_url"),
        ("primary_url = \"http://10.0.0.1\"\ndocument = \"venue.json\"", "document"),
        ("primary_url = \"http://10.0.0.1\"\nreplica = \"gateway\"", "replica"),
    ];
    for (more, expect) in cases {
        let read = read(&format!("venue = \"chakri\"\n{more}"), Kind::Standby);
        let problem = read.as_ref().err().map_or("", |problems| problems[0].as_str());
        assert_eq!(problem.split(':').next(), Some(expect), "{more}");
        let Ok(config) = read else { continue };
        let site = config.site.unwrap();
        assert_eq!(site.replica.as_str(), "standby");
        assert!(site.edge.is_none() && !site.primary_url.unwrap().ends_with('/'));
    }
    let first = "venue = \"chakri\"\nprimary_url = \"http://10.0.0.1\"";
    assert!(read(first, Kind::Gateway).unwrap_err()[0].starts_with("primary_url"));
}

#[test]
fn a_set_up_code_is_as_long_as_a_secret_or_there_is_none() {
    assert!(read("setup_code = \"\"", Kind::Edge).unwrap().setup_code.is_none());
    assert!(read("setup_code = \"0123456789abcdef\"", Kind::Edge).unwrap().setup_code.is_some());
    let problems = read("setup_code = \"0123456789abcde\"", Kind::Edge).unwrap_err();
    assert!(problems[0].starts_with("setup_code"), "{problems:?}");
}

#[test]
fn a_folder_of_files_that_is_not_there_is_named() {
    let env = |key: &str| (key == "static_dir").then(|| "no/such/folder".to_owned());
    let problems = Config::parse(SOUND, env, Kind::Edge).unwrap_err();
    assert!(problems[0].starts_with("static_dir"), "{problems:?}");
}

#[test]
fn only_an_edge_and_a_gateway_without_one_have_a_root_of_their_own() {
    let near = "primary_url = \"http://127.0.0.1:8080\"\nvenue = \"chakri\"";
    let far = format!(
        "venue = \"chakri\"\nedge_url = \"https://edge\"\ndevice = \"gateway\"\n\
         device_key = \"{}\"",
        "0".repeat(64)
    );
    for (kind, more, is_root) in [
        (Kind::Edge, "", true),
        (Kind::Gateway, "venue = \"chakri\"", true),
        (Kind::Gateway, far.as_str(), false),
        (Kind::Standby, near, false),
    ] {
        let root = read(more, kind).unwrap().root;
        assert_eq!(matches!(root, Root::Own { .. }), is_root, "{kind:?} {more}");
        let seeded = read(&format!("{more}\nroot_seed = \"0123456789abcdef\""), kind);
        assert_eq!(seeded.is_ok(), is_root, "{kind:?} {more}");
        let short = read(&format!("{more}\nroot_seed_previous = \"short\""), kind).unwrap_err();
        assert!(short[0].starts_with("root_seed_previous: "), "{short:?}");
    }
}

#[test]
fn mails_leave_one_way_that_is_safe_or_not_at_all() {
    let from = "mail_from = \"relais@shop.example\"\n";
    let login = "smtp_user = \"u\"\nsmtp_password = \"p\"\n";
    let cases = [
        (String::new(), ""),
        (format!("smtp_url = \"smtps://mail.example\"\n{from}{login}"), ""),
        (format!("smtp_url = \"smtp://mail.example:587\"\n{from}"), ""),
        (format!("smtp_url = \"smtp+plain://127.0.0.1:25\"\n{from}"), ""),
        (format!("mail_api_url = \"https://mail.example/v1\"\nmail_api_key = \"k\"\n{from}"), ""),
        ("link_base = \"https://shop.example\"".to_owned(), ""),
        ("smtp_url = \"smtps://mail.example\"".to_owned(), "mail_from"),
        (format!("smtp_url = \"smtp+plain://mail.example\"\n{from}"), "smtp_url"),
        (format!("smtp_url = \"smtps://u:p@mail.example\"\n{from}"), "smtp_url"),
        (format!("smtp_url = \"smtps://mail.example\"\nsmtp_user = \"u\"\n{from}"), "smtp_user"),
        (from.to_owned(), "smtp_url"),
        (login.to_owned(), "smtp_url"),
        (format!("mail_api_url = \"https://mail.example/v1\"\n{from}"), "mail_api_key"),
        (
            format!("mail_api_url = \"https://10.0.0.1/v1\"\nmail_api_key = \"k\"\n{from}"),
            "mail_api_url",
        ),
        ("link_base = \"http://{domain}\"".to_owned(), "link_base"),
        ("link_base = \"https://{domain}/path\"".to_owned(), "link_base"),
    ];
    for (more, expect) in cases {
        match read(&more, Kind::Edge) {
            Ok(config) => {
                assert_eq!(expect, "", "{more}");
                assert_eq!(config.mail.carrier.is_some(), more.contains("mail_from"), "{more}");
            }
            Err(problems) => {
                assert!(!expect.is_empty() && problems[0].starts_with(expect), "{problems:?}");
            }
        }
    }
}

#[test]
fn https_is_whole_or_not_at_all_and_its_files_are_sound() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file.to_string_lossy().into_owned()
    };
    let bad = file("bad.pem", "nothing");
    let with = |certificate: &str, key: &str| {
        format!(
            "tls_listen = \"127.0.0.1:0\"\ntls_certificate = \"{certificate}\"\ntls_key = \"{key}\""
        )
    };
    for (more, problems) in [
        ("tls_listen = \"127.0.0.1:0\"".to_owned(), vec!["tls_certificate", "tls_key"]),
        ("tls_key = \"k\"".to_owned(), vec!["tls_listen", "tls_certificate"]),
        (with("/nowhere.pem", "/nowhere.key"), vec!["tls_certificate", "tls_key"]),
        (with(&bad, &bad), vec!["tls_certificate, tls_key"]),
        (format!("demo = true\n{}", with(&bad, &bad).replace("127.0.0.1", "0.0.0.0")), {
            vec!["tls_certificate, tls_key", "tls_listen"]
        }),
    ] {
        let told = read(&more, Kind::Edge).unwrap_err();
        let keys: Vec<&str> = told.iter().map(|p| p.split(": ").next().unwrap()).collect();
        assert_eq!(keys, problems, "{told:?}");
    }
}

#[test]
fn the_name_on_site_and_the_public_site_are_read_together() {
    let venue = "venue = \"chakri\"\n";
    let edge = "device = \"gateway\"\nedge_url = \"https://chakri.be/\"\n";
    let key = format!("device_key = \"{}\"\n", "a".repeat(64));
    let connected = format!("{venue}{edge}{key}");
    let sound = read(&connected, Kind::Gateway).unwrap();
    assert_eq!(sound.on_site.public_url.as_deref(), Some("https://chakri.be"));
    for (more, kind, problem) in [
        ("lan_name = \"chakri.be\"", Kind::Gateway, "lan_name: write"),
        ("lan_name = \"chakri.lan.chakri.be\"", Kind::Gateway, "lan_name: only HTTPS"),
        ("public_url = \"http://chakri.be\"", Kind::Gateway, "public_url: use https"),
        ("public_url = \"https://chakri.be\"", Kind::Edge, "public_url: only a gateway"),
    ] {
        let site = if kind == Kind::Gateway { connected.as_str() } else { "" };
        let told = read(&format!("{site}{more}"), kind).unwrap_err();
        assert!(told.iter().any(|p| p.starts_with(problem)), "{more}: {told:?}");
    }
    let on_site = |name: &str| OnSite { lan_name: Some(name.to_owned()), ..OnSite::default() };
    for (name, port, origin) in [
        ("chakri.lan.chakri.be", Some(443), "https://chakri.lan.chakri.be"),
        ("chakri.lan.chakri.be", Some(8443), "https://chakri.lan.chakri.be:8443"),
        ("chakri.lan.chakri.be:443", Some(8443), "https://chakri.lan.chakri.be"),
        ("chakri.lan.chakri.be:444", Some(8443), "https://chakri.lan.chakri.be:444"),
    ] {
        let found = on_site(name).lan(port).origin.unwrap();
        assert_eq!(found.as_str(), origin, "{name} {port:?}");
    }
}

#[test]
fn a_sign_in_provider_is_whole_and_safe_or_not_there() {
    let issuer = "openid_issuer = \"https://accounts.example\"\n";
    let login = "openid_client_id = \"relais\"\nopenid_client_secret = \"s\"\n";
    for (more, problem) in [
        (String::new(), ""),
        (format!("{issuer}{login}"), ""),
        (format!("{issuer}{login}openid_token_origin = \"https://token.example\"\n"), ""),
        (format!("{issuer}openid_client_id = \"relais\"\n"), "secret is missing"),
        (issuer.to_owned(), "client id is missing"),
        (login.to_owned(), "openid_issuer: missing"),
        (format!("openid_issuer = \"http://accounts.example\"\n{login}"), "issuer"),
        (format!("openid_issuer = \"https://127.0.0.1\"\n{login}"), "issuer"),
        (format!("openid_issuer = \"https://accounts.example?x\"\n{login}"), "issuer"),
        (
            format!("{issuer}{login}openid_token_origin = \"http://token.example\"\n"),
            "token origin",
        ),
    ] {
        let read = read(&more, Kind::Edge);
        match problem {
            "" => assert!(read.is_ok(), "{more}: {read:?}"),
            problem => {
                let problems = read.map(drop).unwrap_err();
                assert!(problems.iter().any(|p| p.contains(problem)), "{more}: {problems:?}");
            }
        }
    }
}
