//! A run is one trace: the run, its stages below it, and every attempt of an activity below its stage, as an OpenTelemetry
//! collector gets them. A program that was built without traces says so and works.

#[cfg(not(feature = "otel"))]
#[test]
fn a_program_without_traces_says_so_and_works() {
    use support::lake::TestLake;
    use support::{LENIENT, Site, text};

    let site = Site::with_options(TestLake::new(), LENIENT, &["--otlp-endpoint", "http://127.0.0.1:1"]);
    assert!(site.log().contains("this program was built without the feature otel"), "{}", site.log());
    assert_eq!(text(&site.train(&[])["outcome"]), "promoted");
}

#[cfg(feature = "otel")]
mod with_a_collector {
    use std::collections::{BTreeMap, BTreeSet};
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::sync::{Arc, Mutex};

    use protocol::pipeline::{Mode, StageName};
    use protocol::progress::Stage as _;
    use support::lake::TestLake;
    use support::{A_RUN, LENIENT, Site, eventually, text};

    /// What the test wants to know of a span.
    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Span {
        trace: String,
        id: String,
        parent: Option<String>,
        name: String,
        nanoseconds: u64,
    }

    type Received = Arc<Mutex<Vec<Span>>>;

    /// A collector of one test: takes what comes and says that it is good. Its address, and what came.
    fn collector() -> (String, Received) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound address"));
        let received = Received::default();
        let remembers = Arc::clone(&received);
        // It ends with the test binary.
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let mut socket = socket.expect("a connection");
                let Some((head, body)) = request(&mut socket) else { continue };
                assert!(head.starts_with("POST /v1/traces "), "{head}");
                remembers.lock().expect("a list").extend(spans(&body));
                let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            }
        });
        (url, received)
    }

    /// Head and body of a request; none where the other side has thought better of it.
    fn request(socket: &mut TcpStream) -> Option<(String, Vec<u8>)> {
        let (mut bytes, mut part) = (Vec::new(), [0; 16 * 1024]);
        loop {
            let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
            if let Some(end) = end {
                let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
                let length = head.lines().find_map(|line| {
                    let (name, value) = line.split_once(':')?;
                    name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok()).flatten()
                });
                let body = &bytes[end + 4..];
                if body.len() >= length.expect("a request has a length") {
                    return Some((head, body.to_vec()));
                }
            }
            match socket.read(&mut part) {
                Ok(read) if read > 0 => bytes.extend_from_slice(&part[..read]),
                _ => return None,
            }
        }
    }

    /// The spans of an `ExportTraceServiceRequest`: resource spans (1), scope spans (2), spans (2).
    fn spans(request: &[u8]) -> Vec<Span> {
        let below = |message: &[u8], number: u64| -> Vec<Vec<u8>> {
            let fields = fields(message).into_iter().filter(|(found, _)| *found == number);
            fields.map(|(_, content)| content.to_vec()).collect()
        };
        let scopes = below(request, 1).into_iter().flat_map(|resource| below(&resource, 2));
        let spans = scopes.flat_map(|scope| below(&scope, 2));
        spans.map(|span| of_message(&span)).collect()
    }

    fn of_message(message: &[u8]) -> Span {
        let fields: BTreeMap<u64, &[u8]> = fields(message).into_iter().collect();
        let hex = |number: u64| -> String {
            let bytes = fields.get(&number).copied().unwrap_or_default();
            let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
            digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
        };
        let time = |number: u64| u64::from_le_bytes(fields[&number].try_into().expect("8 bytes"));
        Span {
            trace: hex(1),
            id: hex(2),
            parent: Some(hex(4)).filter(|parent| parent.bytes().any(|digit| digit != b'0')),
            name: String::from_utf8(fields[&5].to_vec()).expect("a name is text"),
            nanoseconds: time(8) - time(7),
        }
    }

    /// The fields of a message of Protocol Buffers: number and content. Of one that is there again the last counts.
    fn fields(mut bytes: &[u8]) -> Vec<(u64, &[u8])> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let (tag, rest) = number(bytes);
            let (content, rest) = match tag & 7 {
                0 => rest.split_at(rest.len() - number(rest).1.len()),
                1 => rest.split_at(8),
                2 => {
                    let (length, rest) = number(rest);
                    rest.split_at(usize::try_from(length).expect("a length"))
                }
                5 => rest.split_at(4),
                kind => panic!("no kind of a field: {kind}"),
            };
            found.push((tag >> 3, content));
            bytes = rest;
        }
        found
    }

    fn number(bytes: &[u8]) -> (u64, &[u8]) {
        let mut number = 0;
        for (place, byte) in bytes.iter().enumerate() {
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return (number, &bytes[place + 1..]);
            }
        }
        panic!("a number has an end");
    }

    #[test]
    fn a_run_is_one_trace_with_its_stages_and_their_attempts() {
        let (url, received) = collector();
        let url: &'static str = String::leak(url);
        let options: &'static [&'static str] = Vec::leak(vec!["--otlp-endpoint", url]);
        let site = Site::with_options(TestLake::new(), LENIENT, options);
        let result = site.train(&[]);
        let trace = text(&result["run_id"]).replace('-', "");
        let of_trace = || -> Vec<Span> {
            let all = received.lock().expect("a list").clone();
            all.into_iter().filter(|span| span.trace == trace).collect()
        };
        // The last that a run does is its record.
        let spans = eventually("the spans of the run come", A_RUN, || {
            Some(of_trace()).filter(|spans| spans.iter().any(|span| span.name == "record_run"))
        });

        let by_id: BTreeMap<_, _> = spans.iter().map(|span| (span.id.as_str(), span)).collect();
        assert_eq!(by_id.len(), spans.len(), "each span once: {spans:#?}");
        let roots: Vec<_> = spans.iter().filter(|span| span.parent.is_none()).collect();
        assert_eq!(roots.iter().map(|root| root.name.as_str()).collect::<Vec<_>>(), ["ChurnPipeline train"]);
        let parent = |span: &Span| by_id[span.parent.as_deref().expect("a parent")];
        let below_the_run = spans.iter().filter(|span| span.parent.as_ref() == Some(&roots[0].id));
        let below_the_run: BTreeSet<_> = below_the_run.map(|span| span.name.as_str()).collect();
        for stage in StageName::of(Mode::Train) {
            assert!(below_the_run.contains(stage.as_str()), "{stage:?}: {below_the_run:?}");
        }
        for (activity, stage) in [
            ("snapshot_raw", "raw"),
            ("aggregate_slice", "bronze_customer_month"),
            ("train_model", "train"),
            ("publish_run", "publish"),
            ("record_run", "ChurnPipeline train"),
        ] {
            let attempt = spans.iter().find(|span| span.name == activity).expect("an attempt");
            assert_eq!(parent(attempt).name, stage, "{activity}");
            assert!(attempt.nanoseconds > 0 && attempt.nanoseconds <= roots[0].nanoseconds, "{attempt:?}");
        }

        // A worker that stops sends what it has; another run is another trace.
        let again = site.score(&[]);
        let trace = text(&again["run_id"]).replace('-', "");
        drop(site.restart_worker());
        let all = received.lock().expect("a list").clone();
        assert!(all.iter().any(|span| span.trace == trace && span.name == "ChurnPipeline score"), "{all:#?}");
    }
}
