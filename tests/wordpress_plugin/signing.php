<?php
/**
 * Signatures, clocks and waits: the vectors that Python checks too.
 */

function vectors( $name ) {
	return json_decode( file_get_contents( __DIR__ . '/vectors.json' ), true )[ $name ];
}

function test_every_vector_is_signed_as_it_stands() {
	foreach ( vectors( 'signatures' ) as $row ) {
		$body = base64_decode( $row['body'] );
		same( $row['signature'], MCI_Signature::sign( $row['secret'], $row['timestamp'], $body ), $row['name'] );
		same( true, MCI_Signature::matches( $row['secret'], $row['timestamp'], $body, $row['signature'] ), $row['name'] );
	}
}

function test_what_is_not_quite_right_is_refused() {
	foreach ( vectors( 'refused' ) as $row ) {
		same( false, MCI_Signature::matches( $row['secret'], $row['timestamp'], base64_decode( $row['body'] ), $row['signature'] ), $row['name'] );
	}
}

function test_the_clocks_may_be_five_minutes_apart_and_not_a_second_more() {
	foreach ( vectors( 'clock' ) as $row ) {
		same( $row['fresh'], MCI_Signature::is_fresh( $row['timestamp'], $row['now'] ), (string) $row['now'] );
	}
}

function test_a_try_that_failed_waits_as_the_protocol_says() {
	foreach ( vectors( 'waits' ) as $row ) {
		same( $row['seconds'], MCI_Backoff::wait( $row['attempt'] ), (string) $row['attempt'] );
	}
	same( 120, MCI_Backoff::wait( 1, 120 ), 'MCI asks for more' );
	same( 900, MCI_Backoff::wait( 3, 5 ), 'MCI asks for less' );
	same( 3600, MCI_Backoff::wait( 1, 999999 ), 'MCI asks for too much' );
}

function test_the_headers_sign_the_body_that_they_go_with() {
	$headers = MCI_Signature::headers( str_repeat( 'a', 64 ), 'an-id', '{"op":"about"}', 1795468561 );
	same( '1795468561', $headers['X-MCI-Timestamp'] );
	same( 'an-id', $headers['X-MCI-Id'] );
	same( 'v1=' . hash_hmac( 'sha256', '1795468561.{"op":"about"}', str_repeat( 'a', 64 ) ), $headers['X-MCI-Signature'] );
}

function test_a_body_is_ascii_and_survives_text_that_is_no_utf_8() {
	same( '{"city":"Forl\u00ec","url":"https:\/\/x"}', MCI_Message::encode( array( 'city' => 'Forlì', 'url' => 'https://x' ) ) );
	same( '{"note":"a\ufffdb"}', MCI_Message::encode( array( 'note' => "a\xffb" ) ) );
}

function test_times_are_utc_with_a_z() {
	same( '2026-11-23T21:16:01Z', MCI_Message::time( 1795468561 ) );
	same( '2026-11-23T21:16:01Z', MCI_Message::time_of_column( '2026-11-23 21:16:01' ) );
}
