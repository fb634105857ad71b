<?php
/**
 * Pairing: the code becomes a secret, or everything stays as it was.
 */

const SECRET = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

function shop() {
	$shop          = new stdClass();
	$shop->store   = new MCI_Pairing_Store();
	$shop->table   = new Queue_In_Memory();
	$shop->queue   = new MCI_Queue( $shop->table );
	$shop->pairing = new MCI_Pairing( $shop->store, $shop->queue, new MCI_Portal( $shop->store ), new About_In_Memory() );
	return $shop;
}

function yes( $secret = SECRET, $webhook = 'https://mci.example/webhooks/wordpress/k/' ) {
	return answer( 200, json_encode( array( 'secret' => $secret, 'webhook_address' => $webhook, 'shop' => 'Bottega <b>' ) ) );
}

function later( $state = 'answered' ) {
	return answer( 202, json_encode( array( 'state' => $state, 'after' => 3, 'message' => '' ) ) );
}

function test_who_will_get_the_orders_is_asked_before_anything_is_handed_in() {
	global $answers, $sent;
	$shop    = shop();
	$answers = array( answer( 200, json_encode( array( 'receiver' => 'MCI di Scontimania – Bottega <b>Rossi</b> S.r.l., P.IVA 01234567890' ) ) ) );
	same( '', $shop->pairing->who( ' mci.example/ ', ' a-code_123 ' ) );
	same( array( 'code' => 'a-code_123', 'ask' => 'who', 'language' => 'it_IT' ), json_decode( $sent[0]['body'], true ) );
	$asked = $shop->store->asked( time() );
	same( 'MCI di Scontimania – Bottega Rossi S.r.l., P.IVA 01234567890', $asked['receiver'] );
	same( array( 'https://mci.example', 'a-code_123' ), array( $asked['portal'], $asked['code'] ) );
	same( '', $shop->store->waiting_code( time() ), 'the code proves nothing before he has said yes' );
	same( null, $shop->store->asked( time() + 3601 ) );
	$answers = array( answer( 200, '{"receiver": 7}' ) );
	same( 'At this address something answers, but it is not MCI.', $shop->pairing->who( 'mci.example', 'a-code' ) );
	$answers = array( answer( 401, '{"error": "attempt_over", "message": "Una frase"}' ) );
	same( 'Una frase', $shop->pairing->who( 'mci.example', 'a-code' ) );
}

function test_a_code_becomes_a_secret_and_a_ping_waits() {
	global $answers, $sent;
	$shop    = shop();
	$answers = array( later(), later( 'pending' ), yes() );
	$shop->queue->note( 7, MCI_Message::UPDATED, time() ); // Of a pairing before.
	same( '', $shop->pairing->pair( ' mci.example/ ', ' a-code_123 ' ) );
	same( 'https://mci.example/connect/wordpress/callback/', $sent[0]['url'] );
	$said = json_decode( $sent[0]['body'], true );
	same( array( 'a-code_123', 'pair', 2 ), array( $said['code'], $said['ask'], $said['pairing'] ) );
	same( 'https://shop.example', $said['home'] );
	same( $shop->store->install_id(), $said['install'] );
	same( false, isset( $sent[0]['headers']['X-MCI-Signature'] ) );
	same( '', $shop->store->secret() );
	same( '', $shop->pairing->ask_again() ); // Not confirmed yet.
	same( 'again', json_decode( $sent[1]['body'], true )['ask'] );
	same( 'a-code_123', $shop->store->waiting_code( time() ) );
	same( '', $shop->pairing->ask_again() );
	same( SECRET, $shop->store->secret() );
	same( '', $shop->store->waiting_code( time() ) );
	same( 'Bottega', $shop->store->pairing( 'shop' ) );
	same( array( 0 ), array_keys( $shop->table->rows ) );
	same( 'ping', $shop->table->rows[0]['topic'] );
	same( '', $shop->pairing->ask_again() );
	same( 3, count( $sent ), 'what is over is not asked about' );
}

function test_while_its_code_is_under_way_the_shop_can_prove_it_and_never_else() {
	global $answers;
	$shop    = shop();
	$answers = array( later() );
	same( '', $shop->store->waiting_code( time() ) );
	same( '', $shop->pairing->pair( 'mci.example', 'a-code' ) );
	same( 'a-code', $shop->store->waiting_code( time() ) );
	same( '', $shop->store->waiting_code( time() + 3601 ), 'a code lives an hour' );
	same( hash_hmac( 'sha256', 'prove.c0ffee', 'a-code' ), MCI_Signature::proof( $shop->store->waiting_code( time() ), 'c0ffee' ) );
	$shop->pairing->give_up();
	same( '', $shop->store->waiting_code( time() ) );
	$answers = array( answer( 500 ) );
	$shop->pairing->pair( 'mci.example', 'a-code-2' );
	same( '', $shop->store->waiting_code( time() ), 'nor after a pairing that failed' );
}

function test_an_answer_that_gets_lost_is_asked_for_again_in_the_same_name() {
	global $answers, $sent;
	$shop    = shop();
	$answers = array( later(), new WP_Error( 'http', 'timed out' ), answer( 503 ), yes() );
	same( '', $shop->pairing->pair( 'mci.example', 'a-code' ) );
	for ( $question = 0; $question < 3; $question++ ) {
		same( '', $shop->pairing->ask_again() );
	}
	same( true, $shop->store->is_paired() );
	same( json_decode( $sent[0]['body'], true )['install'], json_decode( $sent[3]['body'], true )['install'] );
	$answers = array( new WP_Error( 'http', 'timed out' ) );
	same( 'MCI does not answer: timed out', $shop->pairing->pair( 'mci.example', 'a-code' ) );
}

function test_a_refusal_is_said_in_words_and_leaves_the_pairing_that_was() {
	global $answers;
	$shop    = shop();
	$answers = array( yes() );
	$shop->pairing->pair( 'mci.example', 'a-code' );
	$no = array(
		array( 401, array( 'error' => 'attempt_over', 'message' => 'Una <script>frase' ), 'Una frase' ),
		array( 401, array( 'error' => 'wrong_home' ), 'HTTP 401' ),
		array( 502, array(), 'HTTP 502' ),
	);
	foreach ( $no as list( $status, $data, $words ) ) {
		$answers = array( answer( $status, json_encode( $data ) ) );
		same( true, false !== strpos( $shop->pairing->pair( 'mci.example', 'a-code-2' ), $words ), $words );
		same( SECRET, $shop->store->secret() );
	}
}

function test_what_is_not_mci_gets_no_pairing() {
	global $answers;
	foreach ( array( yes( 'short' ), yes( strtoupper( SECRET ) ), yes( SECRET, 'https://evil.example/x/' ), yes( SECRET, 'http://mci.example/x/' ), answer( 200, '<html>' ), answer( 200, '[]' ) ) as $answer ) {
		forget_everything();
		$answers = array( $answer );
		$shop    = shop();
		same( 'At this address something answers, but it is not MCI.', $shop->pairing->pair( 'mci.example', 'a-code' ) );
		same( false, $shop->store->is_paired() );
	}
}

function test_nothing_is_sent_to_an_address_that_is_none_or_with_a_code_that_is_none() {
	global $sent;
	$shop = shop();
	foreach ( array( '', 'http://mci.example', 'ftp://mci.example', 'https://', 'https://a@b', 'https://mci.example?x=1', "https://mci.example\n.evil" ) as $address ) {
		same( true, '' !== $shop->pairing->pair( $address, 'a-code' ), $address );
	}
	foreach ( array( '', 'short', 'a code', '<script>', str_repeat( 'x', 200 ) ) as $code ) {
		same( true, '' !== $shop->pairing->pair( 'https://mci.example', $code ), $code );
	}
	same( array(), $sent );
}

function test_the_end_of_a_pairing_is_remembered_and_its_secret_is_not() {
	global $answers, $options;
	$shop    = shop();
	$answers = array( yes() );
	$shop->pairing->pair( 'mci.example', 'a-code' );
	$shop->pairing->unpair( 'mci' );
	same( false, $shop->store->is_paired() );
	same( 'mci', $shop->store->state( 'ended_by' ) );
	same( array(), $shop->table->rows );
	same( false, strpos( serialize( $options ), SECRET ) );
}

function test_only_https_is_a_portal_except_on_this_machine() {
	$wanted = array(
		'https://mci.example'        => 'https://mci.example',
		'mci.example/'               => 'https://mci.example',
		' HTTPS://MCI.example:8443/' => 'https://mci.example:8443',
		'https://x.example/mci/'     => 'https://x.example/mci',
		'http://localhost:8200'      => 'http://localhost:8200',
		'http://127.0.0.1:8200/'     => 'http://127.0.0.1:8200',
		'http://127.evil.example'    => '',
		'http://localhost.evil'      => '',
		'javascript://x'             => '',
	);
	foreach ( $wanted as $typed => $portal ) {
		same( $portal, MCI_Address::portal( $typed ), $typed );
	}
	same( true, MCI_Address::is_of( 'https://www.mci.example/webhooks/x/', 'https://mci.example' ) );
	same( true, MCI_Address::is_of( 'http://localhost:8200/w/', 'http://127.0.0.1:8200' ) );
	same( false, MCI_Address::is_of( 'https://mci.example.evil/w/', 'https://mci.example' ) );
}
